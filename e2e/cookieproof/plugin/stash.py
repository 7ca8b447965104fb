"""The keys of what the plugin keeps on pytest's configuration and on each test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cookieproof.browser.run_folder import RunFolder
from cookieproof.settings import Settings
from cookieproof.site.site import Site

SETTINGS = pytest.StashKey[Settings]()
RUN_FOLDER = pytest.StashKey[RunFolder]()
LAUNCHES = pytest.StashKey[list[str]]()
NOTES = pytest.StashKey[list[str]]()
# Of each test: its artifacts (their kinds and files), its timeline, what differs as declared, and the site.
ARTIFACTS = pytest.StashKey[list[tuple[str, Path]]]()
TIMELINE = pytest.StashKey[dict[str, Any]]()
DIFFERS = pytest.StashKey[list[str]]()
# What a test of an audit tells of its requirement.
AUDITED = pytest.StashKey[dict[str, str | int]]()
SITE = pytest.StashKey[Site]()
# The key by which an xdist worker gets the folder for temporary files.
WORKER_FOLDER = "cookieproof_folder"
# The key by which it gets the value of --dist, which xdist keeps from it.
DISTRIBUTION = "cookieproof_dist"
