"""Adapts this plugin to other pytest plugins. ``docs/other-plugins.md`` says which were tried."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from types import FunctionType

import pytest

from cookieproof.errors import CookieproofError

ATTEMPTS = pytest.StashKey[int]()


def attempt_of(item: pytest.Item) -> int:
    """Return how often this was called for the test before: 0, unless a plugin runs a failed test again."""
    attempt = item.stash.get(ATTEMPTS, 0)
    item.stash[ATTEMPTS] = attempt + 1
    return attempt


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: pytest.Collector, name: str, obj: object) -> None:
    """Make the result of ``prove_lifetimes`` or ``audit_sessions`` in a class a static method: it takes no ``self``."""
    if (
        isinstance(collector, pytest.Class)
        and isinstance(obj, FunctionType)
        and {"lifetimes", "audited"} & vars(obj).keys()
    ):
        setattr(collector.obj, name, staticmethod(obj))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        _keep_group(item)
        names = getattr(item, "fixturenames", [])
        if inspect.iscoroutinefunction(getattr(item, "function", None)) and _own_event_loop.__name__ not in names:
            names.insert(0, _own_event_loop.__name__)  # set up before the test's loop, and torn down after it


def _keep_group(item: pytest.Item) -> None:
    """Add the group of ``--dist loadgroup`` to the test's id.

    xdist 3.8.0 writes it to an attribute that pytest 9.2 no longer reads (pytest-xdist#1386).
    """
    written = getattr(item, "_nodeid", item.nodeid)
    if written != item.nodeid:
        item._id = type(item.id).parse(written)  # type: ignore[attr-defined]


@pytest.fixture
def _own_event_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hide Playwright's event loop, which counts as running between two calls, while an ``async def`` test runs.

    Playwright sets and hides its loop by the same function.
    """
    if "playwright" in request.fixturenames:
        raise CookieproofError(
            f"{request.node.name} is async def, and what it asks for drives a browser by Playwright's sync API: "
            "write it as a plain def."
        )
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
