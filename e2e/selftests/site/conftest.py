"""Sites that commands serve."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cookieproof.site.command_process import CommandProcess
from selftests.support.command import SECONDS, SITE, Commands


@pytest.fixture
def a_command(tmp_path: Path) -> Iterator[Commands]:
    """``a_command(command, …)`` makes a ``CommandProcess`` in ``tmp_path``, beside ``site.py``. The test closes it."""
    (tmp_path / "site.py").write_text(SITE)
    with ExitStack() as closing:

        def made(command: str, **more: Any) -> CommandProcess:
            given: dict[str, Any] = {
                "env": {},
                "cwd": tmp_path,
                "timeout": SECONDS,
                "folder": tmp_path / "files",
            } | more
            process = CommandProcess(command, **given)
            closing.callback(process.close)
            return process

        yield made
