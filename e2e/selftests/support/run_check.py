"""Runs a check of the shop's within a test of the harness's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest


def run_check(check: Callable[..., None], request: pytest.FixtureRequest) -> None:
    """Run a test function within another test, with that one's fixtures."""
    parameters = inspect.signature(check).parameters.values()
    check(**{each.name: request.getfixturevalue(each.name) for each in parameters if each.default is each.empty})
