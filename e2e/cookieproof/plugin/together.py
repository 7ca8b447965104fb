"""Finds tests that are proven together: the first of them does the work of all, so they belong to one shard."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

MARKER = "proven_together"
DESCRIPTION = (
    f"{MARKER}(parameter): the tests that differ in nothing but this parameter are proven by whichever comes first, "
    "and stay in one group of pytest-split"
)
FIRST = pytest.StashKey[pytest.Item]()


def unit_of(item: pytest.Item) -> object:
    """Return a value that tests share if they are proven together; a test by itself has its id."""
    marker = item.get_closest_marker(MARKER)
    if marker is None:
        return item.nodeid
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    others = {name: parameters[name] for name in parameters if name not in marker.args}
    of = item.parent.nodeid if item.parent else ""
    return of, getattr(item, "originalname", item.name), repr(others)


def units(items: Iterable[pytest.Item]) -> list[list[pytest.Item]]:
    """Return the tests as lists, those that are proven together in one, in the order of the first of each."""
    found: dict[object, list[pytest.Item]] = {}
    for item in items:
        found.setdefault(unit_of(item), []).append(item)
    for unit in found.values():
        for item in unit:
            item.stash[FIRST] = unit[0]
    return [*found.values()]


def first_of(item: pytest.Item) -> pytest.Item:
    """Return the first test of those that are proven together with this one, in the order of collection."""
    return item.stash.get(FIRST, item)
