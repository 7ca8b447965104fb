"""A plugin of pytest that collects a suite once, and says which tests each group of several splits would run."""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

FILE = "ALL_GROUPS"  # the environment variable that names the file to write
SPLITS = (2, 4, 8)
INSIDE = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Have all other plugins choose the tests of each group in turn, by the hook that they have for it."""
    if not config.stash.get(INSIDE, False):
        config.stash[INSIDE] = True
        from cookieproof.plugin.shards import SPLITTING  # this file is loaded before the plugin

        split: Any = config.stash[SPLITTING]
        stored = split.cached_durations
        groups: dict[int, list[list[str]]] = {}
        for splits in SPLITS:
            for group in range(1, splits + 1):
                config.option.splits, config.option.group = splits, group
                split.cached_durations, chosen = dict(stored), [*items]
                config.hook.pytest_collection_modifyitems(session=session, config=config, items=chosen)
                groups.setdefault(splits, []).append([item.nodeid for item in chosen])
        found = {"all": [item.nodeid for item in items], "groups": groups}
        Path(os.environ[FILE]).write_text(json.dumps(found))
        split.cached_durations = dict(stored)
    yield
