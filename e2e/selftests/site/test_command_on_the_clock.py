"""Which processes of a site's command follow the clock is seen in their memory"""

from __future__ import annotations

import mmap
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from cookieproof import Clock
from cookieproof.clock.library import build
from cookieproof.errors import wait_until
from cookieproof.site.command_process import CommandProcess
from cookieproof.site.process_group import has_mapped
from selftests.support.command import PYTHON, SECONDS, Commands, asked

SERVES = f"{PYTHON} site.py {{port}}"
HOUR = 3600
OnTheClock = Callable[..., CommandProcess]


@pytest.fixture
def own_clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path, build())


@pytest.fixture
def started(a_command: Commands, own_clock: Clock) -> OnTheClock:
    """``started(command)`` is a command on the clock that is ready."""

    def start(command: str, **more: Any) -> CommandProcess:
        env = own_clock.env("site")
        process = a_command(command, env=env, offset_file=Path(env["COOKIEPROOF_CLOCK"]), **more)
        process.ensure_as_configured()
        return process

    return start


def test_a_command_is_on_the_clock_with_all_its_processes(started: OnTheClock, own_clock: Clock) -> None:
    command = started(f"{PYTHON} -c 'import signal; signal.pause()' & setsid sleep 60 & {SERVES}")
    assert len(command.processes()) == 4
    assert command.off_the_clock() == []
    before = asked(command)["time"]
    own_clock.advance(hours=1)
    assert asked(command)["time"] - before >= HOUR


def test_the_supervisor_is_not_on_the_clock(started: OnTheClock, own_clock: Clock) -> None:
    command = started(SERVES)
    shell = next(each for each in command.processes() if each.name() == "sh")
    parent = shell.parent()
    assert parent and not has_mapped(parent, Path(own_clock.env("site")["COOKIEPROOF_CLOCK"]))


@pytest.mark.parametrize(
    "cleaned",
    ["env -i", "env -u COOKIEPROOF_CLOCK", "env -u LD_PRELOAD"],
    ids=["no environment", "only the library", "only the variable"],
)
def test_a_process_with_a_cleaned_environment_is_off_the_clock(started: OnTheClock, cleaned: str) -> None:
    command = started(f"{cleaned} {SERVES}; true")
    served = psutil.Process(asked(command)["pid"])
    assert command.off_the_clock() == [f"{served.name()} ({served.pid})"]


def test_without_a_clock_nobody_is_asked(a_command: Commands) -> None:
    command = a_command(f"env -i {SERVES}; true")
    command.ensure_as_configured()
    assert command.off_the_clock() == []


def test_one_that_has_just_started_is_asked_again(
    started: OnTheClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = started(f"(until test -e go; do sleep 0.01; done; exec sleep 60) & {SERVES}")
    starting = [True, True, False]
    monkeypatch.setattr(
        "cookieproof.site.off_the_clock.has_mapped", lambda *_: not (starting.pop(0) if starting else False)
    )
    assert command.off_the_clock() == []
    assert starting == []


def test_a_zombie_is_no_process(started: OnTheClock, tmp_path: Path) -> None:
    # The shell that was replaced does not wait for what it has started.
    command = started(f"env -i sh -c 'echo $$ > ended.pid' & exec {SERVES}")
    file = tmp_path / "ended.pid"
    pid = int(wait_until(lambda: file.exists() and file.read_text().strip(), "it to end", SECONDS))
    zombie = psutil.Process(pid)
    wait_until(lambda: zombie.status() == psutil.STATUS_ZOMBIE, "it to be a zombie", SECONDS)
    assert command.off_the_clock() == []
    assert zombie not in command.processes()


def test_a_process_that_may_not_be_looked_into_is_off_the_clock(
    started: OnTheClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = started(SERVES)
    asked_for = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == "maps":
            raise PermissionError(path)
        return asked_for(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert len(command.off_the_clock()) == 2


PUBLISHES = """
import subprocess, sys
subprocess.run([sys.executable, "-S", "site.py", open("port").read().strip()])
"""


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[None]:
    """Starts a server at the port that is written to the pipe ``port``, as what runs containers does for a command."""
    os.mkfifo(tmp_path / "port")  # whoever reads from it waits for who writes
    with subprocess.Popen([sys.executable, "-S", "-c", PUBLISHES], cwd=tmp_path, start_new_session=True) as process:
        yield
        os.killpg(process.pid, signal.SIGKILL)


def test_whoever_holds_the_port_belongs_to_the_site(started: OnTheClock, publisher: None, tmp_path: Path) -> None:
    """What listens may be no descendant of the command, as with a container, if it was started for it."""
    command = started("echo {port} > port; exec sleep 600")
    served = psutil.Process(asked(command)["pid"])
    assert served in command.processes() and len(command.processes()) == 2
    assert command.off_the_clock() == [f"{served.name()} ({served.pid})"]


def test_a_file_with_a_strange_name_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a b\n (deleted)"
    file.write_bytes(bytes(8))
    link = tmp_path / "link"
    link.symlink_to(file)
    me = psutil.Process(os.getpid())
    assert not has_mapped(me, link)
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 8):
        assert has_mapped(me, link)
    assert not has_mapped(me, link)
