"""Adapts pytest-split: tests that are proven together stay in one group, and stored durations stay comparable."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from cookieproof.browser.engines import BROWSERS
from cookieproof.plugin.durations import measured, to_store
from cookieproof.plugin.results import id_of
from cookieproof.plugin.together import units

SPLIT, STORE = "pytestsplitplugin", "pytestsplitcacheplugin"  # the names of pytest-split's plugins
SPLITTING, STORING = pytest.StashKey[Any](), pytest.StashKey[Any]()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Have pytest-split choose after all other plugins, among the tests that are not deselected."""
    units(items)
    yield
    if split := config.stash.get(SPLITTING, None):
        _split(split, config, items)


def _split(split: Any, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have pytest-split choose among units, each shown as one test with the duration of the unit."""
    # By id(): a test's hash changes when its group is added to its name.
    whole = {id(unit[0]): unit for unit in units(items)}
    durations: dict[str, float] = split.cached_durations
    stored = dict(durations)
    for unit in whole.values():
        first = unit[0]
        known = [seconds for item in unit if (seconds := seconds_of(item, stored)) is not None]
        if known:
            durations[first.nodeid] = sum(known)
    before = [*items]
    items[:] = [unit[0] for unit in whole.values()]
    split.pytest_collection_modifyitems(config, items)
    chosen = {id(item) for first in items for item in whole[id(first)]}
    others = [item for first, unit in whole.items() if first not in chosen for item in unit[1:]]
    items[:] = [item for item in before if id(item) in chosen]
    if others:
        config.hook.pytest_deselected(items=others)


def seconds_of(item: pytest.Item, durations: Mapping[str, float]) -> float | None:
    """Return how long the test takes in this browser, or in another if only that is stored; None if none is."""
    names = (id_of(item), *(id_of(item, browser) for browser in BROWSERS))
    return next((durations[name] for name in names if name in durations), None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Unregister pytest-split's plugins, to call them later: each xdist worker would store only its own tests."""
    plugins = session.config.pluginmanager
    if plugins.has_plugin(SPLIT):
        session.config.stash[SPLITTING] = plugins.unregister(name=SPLIT)
    if plugins.has_plugin(STORE):
        session.config.stash[STORING] = plugins.unregister(name=STORE)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Have pytest-split store the durations of passed tests, by the ids by which pytest finds them."""
    config = session.config
    store: Any = config.stash.get(STORING, None)
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if store and reporter and not hasattr(config, "workerinput"):
        found = measured(each for reports in reporter.stats.values() for each in reports)
        told = to_store(found, store.cached_durations)
        # The plugin reads only these two objects; the terminal's own reports stay as they are.
        reports = [_report(name, seconds) for name, seconds in told.items()]
        plugins = SimpleNamespace(get_plugin=lambda _: SimpleNamespace(stats={"passed": reports}))
        type(store)(SimpleNamespace(option=config.option, pluginmanager=plugins)).pytest_sessionfinish()


def _report(name: str, seconds: float) -> pytest.TestReport:
    return pytest.TestReport(name, ("", None, ""), {}, "passed", None, "call", duration=seconds)
