"""What a worker gathers of each test for the report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

from cookieproof.plugin.report_data import ReportData
from cookieproof.plugin.stash import ARTIFACTS, DIFFERS, LAUNCHES, NOTES, TIMELINE


def report_data_of(item: pytest.Item, call: pytest.CallInfo[None], *, skipped: bool) -> ReportData:
    """What a test tells after one of its phases: setup, call or teardown, in which it may have been ``skipped``."""
    on_site = {"site", "new_context", "verdicts_on_lifetimes"} & set(getattr(item, "fixturenames", ()))
    launches, notes = item.config.stash[LAUNCHES], item.config.stash[NOTES]
    here, is_end = item.config.invocation_params.dir, call.when == "teardown"
    artifacts: list[tuple[str, Any]] = item.stash.get(ARTIFACTS, []) if is_end else []
    data = ReportData(
        # xdist adds the group of --dist loadgroup to the id of the test, by which pytest does not find it.
        nodeid=f"{item.parent.nodeid}::{item.name}" if item.parent else item.nodeid,
        group=group_of(item) if on_site else None,
        words=words_of(item),
        promise_words=promise_words_of(item),
        skipped=str(call.excinfo.value) if skipped and call.excinfo else "",
        launches=launches.copy(),
        notes=notes.copy(),
        timeline=item.stash.get(TIMELINE, None) if is_end else None,
        artifacts=[(kind, os.path.relpath(path, here)) for kind, path in artifacts],
        differs=item.stash.get(DIFFERS, []),
    )
    launches.clear()
    notes.clear()
    return data


def group_of(item: pytest.Item) -> str:
    """The promise that a test module makes: the first line of its docstring, else its name."""
    module = item.getparent(pytest.Module)
    if module is None:
        return item.location[0]
    said = (module.obj.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return said or module.name


def words_of(item: pytest.Item) -> str:
    """The test's name as a sentence: ``a plain cookie ends with the browser [firefox]``."""
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    return _sentence("::".join([*classes, _function(item)]), _parameters(item))


def promise_words_of(item: pytest.Item) -> str:
    """The same without its classes and without the browser, by which pytest-playwright runs each test."""
    browser = item.callspec.params.get("browser_name") if hasattr(item, "callspec") else None
    return _sentence(_function(item), [each for each in _parameters(item) if each and each != browser])


def _function(item: pytest.Item) -> str:
    return getattr(item, "originalname", None) or item.name


def _parameters(item: pytest.Item) -> Sequence[str]:
    """What pytest calls the values of its parameters: in the test's id it has joined them."""
    return item.callspec._idlist if hasattr(item, "callspec") else []


def _sentence(name: str, parameters: Sequence[str]) -> str:
    return name.removeprefix("test_").replace("_", " ") + (f" [{'-'.join(parameters)}]" if parameters else "")
