"""What a worker gathers of each test for the report."""

from __future__ import annotations

import os
from typing import Any

import pytest

from cookieproof.plugin.stash import ARTIFACTS, DIFFERS, LAUNCHES, NOTES, TIMELINE
from cookieproof.plugin.told import Told


def told_by(item: pytest.Item, when: str) -> Told:
    """What a test tells after one of its phases: setup, call or teardown."""
    on_site = {"site", "new_context", "verdicts_on_lifetimes"} & set(getattr(item, "fixturenames", ()))
    launches, notes = item.config.stash[LAUNCHES], item.config.stash[NOTES]
    here, is_end = item.config.invocation_params.dir, when == "teardown"
    artifacts: list[tuple[str, Any]] = item.stash.get(ARTIFACTS, []) if is_end else []
    told = Told(
        # xdist adds the group of --dist loadgroup to the id of the test, by which pytest does not find it.
        nodeid=f"{item.parent.nodeid}::{item.name}" if item.parent else item.nodeid,
        group=group_of(item) if on_site else None,
        launches=launches.copy(),
        notes=notes.copy(),
        timeline=item.stash.get(TIMELINE, None) if is_end else None,
        artifacts=[(kind, os.path.relpath(path, here)) for kind, path in artifacts],
        differs=item.stash.get(DIFFERS, []),
    )
    launches.clear()
    notes.clear()
    return told


def group_of(item: pytest.Item) -> str:
    """The promise that a test module makes: the first line of its docstring, else its name."""
    module = item.getparent(pytest.Module)
    if module is None:
        return item.nodeid.partition("::")[0]
    said = (module.obj.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return said or module.name
