"""What the shop's tests and the harness's own tests share: the stores of sessions, each made when a test first asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import NoReturn

import pytest

from tests.support import stores
from tests.support.stores import NoRedis, Store


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
