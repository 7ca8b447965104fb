"""What pytest-split needs of this plugin: the lifetimes of one list are one pass, and stay in one group."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from cookieproof.plugin.lifetime_tests import list_of

SPLIT, STORE = "pytestsplitplugin", "pytestsplitcacheplugin"  # as pytest-split registers its plugins


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Show pytest-split one test for each pass, which takes as long as all of it."""
    split: Any = config.pluginmanager.get_plugin(SPLIT)
    if split is None:
        yield
        return
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        is_lifetime = hasattr(getattr(item, "function", None), "lifetimes")
        units.setdefault(repr(list_of(item)) if is_lifetime else item.nodeid, []).append(item)
    # By id(): a test's hash changes when its group is added to its name.
    whole = {id(unit[0]): unit for unit in units.values()}
    durations: dict[str, float] = split.cached_durations
    for unit in whole.values():
        first = unit[0]
        if known := [durations[item.nodeid] for item in unit if item.nodeid in durations]:
            durations[first.nodeid] = sum(known)
            # As xdist calls it with --dist loadgroup, before or after this.
            for marker in first.iter_markers("xdist_group"):
                durations[f"{first.nodeid}@{(*marker.args, *marker.kwargs.values())[0]}"] = sum(known)
    before = [*items]
    items[:] = [unit[0] for unit in whole.values()]
    yield
    chosen = {id(item) for first in items for item in whole[id(first)]}
    others = [item for first, unit in whole.items() if first not in chosen for item in unit[1:]]
    items[:] = [item for item in before if id(item) in chosen]
    if others:
        config.hook.pytest_deselected(items=others)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """Store durations under the ids by which pytest finds the tests, without the group of --dist loadgroup.

    xdist writes that group behind an "@", after the parameters if there are any.
    """
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    stored: dict[int, str] = {}
    if session.config.pluginmanager.has_plugin(STORE) and reporter:
        for report in (each for reports in reporter.stats.values() for each in reports):
            told = getattr(report, "cookieproof", None)
            if isinstance(report, pytest.TestReport) and told and told.nodeid:
                stored[id(report)] = report.nodeid
                report.nodeid = told.nodeid
    yield
    for report in (each for reports in reporter.stats.values() for each in reports) if stored else ():
        if id(report) in stored:
            report.nodeid = stored[id(report)]
