"""What the shop's tests and the harness's own tests share: the stores of sessions, each made when a test first asks."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from typing import NoReturn

import pytest

from cookieproof.plugin.distribution import dealt
from cookieproof.plugin.together import units
from tests.support import stores
from tests.support.stores import NoRedis, Store

# What one test of a run sets up for all that use it: the others would wait for it.
SET_UP_ONCE = ("newest", "theirs")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Have each worker begin with its share of the tests that may take longer than others.

    These are tests that are proven together, and those whose deadline says so.
    """
    yield
    if workers := getattr(config, "workerinput", {}).get("workercount"):
        long, others = dict[object, list[pytest.Item]](), list[pytest.Item]()
        for unit in units(items):
            fixtures: list[str] = getattr(unit[0], "fixturenames", [])
            key = next((name for name in SET_UP_ONCE if name in fixtures), unit[0].nodeid)
            takes_long = len(unit) > 1 or _deadline(unit[0]) > config.option.timeout
            (long.setdefault(key, []) if takes_long else others).extend(unit)
        items[:] = dealt([*long.values()], others, workers)


def _deadline(item: pytest.Item) -> float:
    """Return the seconds that the test itself is given; 0 if it has the run's deadline."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker else 0


@pytest.fixture(scope="session")
def _stores(
    tmp_path_factory: pytest.TempPathFactory, clock_environment: Mapping[str, str]
) -> Iterator[Callable[[str], Store]]:
    made: dict[str, Store] = {}
    with ExitStack() as stack:

        def get(kind: str) -> Store:
            if kind not in made:
                made[kind] = stores.make(kind, tmp_path_factory.mktemp(kind), clock_environment)
                stack.callback(made[kind].close)
            return made[kind]

        yield get


@pytest.fixture(scope="module", params=stores.KINDS)
def _store(
    request: pytest.FixtureRequest, _stores: Callable[[str], Store], missing: Callable[[str, str], NoReturn]
) -> Store:
    """One store after another, each with all tests of a module: the site starts less often."""
    try:
        return _stores(request.param)
    except NoRedis as error:
        missing("redis", str(error))


@pytest.fixture
def store(request: pytest.FixtureRequest, _store: Store) -> Store:
    """A store, in which the test's site keeps its sessions. It is the test's first fixture: the site comes after it."""
    site = request.node.get_closest_marker("site") or pytest.mark.site
    values = {**site.kwargs, "SESSION_STORE": _store.url}
    request.node.add_marker(pytest.mark.site(*site.args, **values), append=False)
    return _store
