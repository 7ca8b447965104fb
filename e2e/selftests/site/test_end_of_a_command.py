"""Whatever ends a site's command, nothing of it stays behind"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cookieproof.errors import wait_until
from cookieproof.site import process_group, supervisor
from cookieproof.site.command_process import CommandProcess
from cookieproof.site.ports import PortLease, listeners
from cookieproof.site.process_group import lives
from selftests.support.command import PYTHON, SECONDS, SITE, Commands, asked, await_end
from selftests.support.project import E2E

# Leaves the command's session, process group and parent, and ignores SIGTERM.
DAEMON = """
import os, signal, sys, time
between = os.fork()
if between == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with open("daemon.pid", "w") as file:
            file.write(str(os.getpid()) + "\\n")
        time.sleep(600)
    os._exit(0)
os.waitpid(between, 0)
"""
# Writes to a file when it gets SIGTERM, after which it takes its time.
POLITE = """
import os, signal, sys, time

def end(*_):
    time.sleep(0.1)
    with open(f"polite-{os.getpid()}", "w") as file:
        file.write("SIGTERM")
    os._exit(0)

signal.signal(signal.SIGTERM, end)
"""
SERVES = f"{PYTHON} site.py {{port}}"


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """The folder with ``site.py``, ``polite.py`` and ``daemon.py``."""
    for name, text in {"daemon.py": DAEMON, "polite.py": POLITE + SITE, "site.py": SITE}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def daemon_in(folder: Path) -> psutil.Process:
    file = folder / "daemon.pid"
    pid = wait_until(lambda: file.exists() and file.read_text().strip(), "the daemon to start", SECONDS)
    return psutil.Process(int(pid))


@contextlib.contextmanager
def daemonized(command: CommandProcess, folder: Path) -> Iterator[None]:
    """Within the block all that the command has started lives, a daemon too; at its end nothing of it does."""
    command.ensure_as_configured()
    daemon = daemon_in(folder)
    processes = command.processes()
    assert daemon in processes and len(processes) == 3  # the shell and the site beside it
    assert os.getsid(daemon.pid) != os.getsid(asked(command)["pid"])
    try:
        yield
        await_end(*processes)
    finally:
        for each in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes have little time to end by SIGTERM."""
    monkeypatch.setattr(process_group, "STOP_SECONDS", 0.3)


@pytest.mark.parametrize("how", ["stop", "close", "restart"])
def test_a_daemon_ends_with_its_command(a_command: Commands, programs: Path, hurried: None, how: str) -> None:
    command = a_command(f"{PYTHON} daemon.py; {SERVES}")
    with daemonized(command, programs):
        getattr(command, how)()
        if how == "restart":
            assert asked(command)["pid"]
            command.close()


def test_a_daemon_ends_with_a_command_that_ends_by_itself(a_command: Commands, programs: Path) -> None:
    command = a_command(f"{PYTHON} daemon.py; {SERVES}")
    with daemonized(command, programs):
        os.kill(asked(command)["pid"], signal.SIGTERM)  # SIGINT is ignored by what a script has put into the background
        assert command.death(within=SECONDS).startswith("The site's process ended with exit code ")


WORKER = """
import sys, time
from pathlib import Path
from cookieproof.site.command_process import CommandProcess

command = CommandProcess(sys.argv[1], env={}, cwd=Path.cwd(), timeout=20, folder=Path("files"))
command.ensure_as_configured()
print(*[each.pid for each in command.processes()], flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_all_of_it_ends_with_its_worker(programs: Path, number: signal.Signals) -> None:
    run = [sys.executable, "-c", WORKER, f"{PYTHON} daemon.py; {SERVES}"]
    env = {**os.environ, "PYTHONPATH": str(E2E)}
    with subprocess.Popen(run, stdout=subprocess.PIPE, cwd=programs, env=env) as worker:
        assert worker.stdout
        started = [*map(int, worker.stdout.readline().split())]
        supervisors = [each for each in psutil.Process(worker.pid).children() if supervisor.__file__ in each.cmdline()]
        processes = [*map(psutil.Process, started), daemon_in(programs), *supervisors]
        assert len({*processes}) == 4
        worker.send_signal(number)
    await_end(*processes)


def test_all_of_it_ends_after_its_supervisor(a_command: Commands, programs: Path) -> None:
    command = a_command(f"{PYTHON} daemon.py; {SERVES}")
    with daemonized(command, programs):
        shell = next(each for each in command.processes() if each.name() == "sh")
        parent = shell.parent()
        assert parent and supervisor.__file__ in parent.cmdline()
        parent.kill()
        await_end(shell)
        assert command.death(within=SECONDS).startswith("The site's process ended by SIGKILL.")
        command.stop()


def test_sigterm_is_honoured_by_all_of_it(a_command: Commands, programs: Path) -> None:
    with contextlib.closing(PortLease()) as other:
        command = a_command(f"{PYTHON} polite.py {{port}} & setsid {PYTHON} polite.py {other.port} & wait")
        command.ensure_as_configured()
        wait_until(lambda: len([*listeners(command.processes())]) == 2, "both to listen", SECONDS)
        pids = [each.pid for each in command.processes() if each.name() != "sh"]
        assert len({*map(os.getsid, pids)}) == 2
        command.stop()
    assert {file.name for file in programs.glob("polite-*")} == {f"polite-{pid}" for pid in pids}


def test_what_ignores_sigterm_is_killed(a_command: Commands, programs: Path, hurried: None) -> None:
    command = a_command(f"trap '' TERM; {SERVES}")
    command.ensure_as_configured()
    processes = command.processes()
    command.stop()
    assert not any(map(lives, processes))


# Each process lives until it has started the next: a list of them is old when it is made.
HOPS = """
import os
while True:
    if os.fork():
        os._exit(0)
"""
# Each is in a session of its own.
BREEDS = "while true; do setsid sleep 60 & sleep 0.01; done"


@pytest.mark.parametrize("hurries", [f'{PYTHON} -c "{HOPS}"', BREEDS], ids=["hops", "breeds"])
def test_what_starts_processes_meanwhile_is_killed(
    a_command: Commands, programs: Path, hurried: None, hurries: str
) -> None:
    command = a_command(f"trap '' TERM; ({hurries}) & {SERVES}")
    command.ensure_as_configured()
    command.stop()
    home = str(programs / "files" / "home")
    everybody = psutil.process_iter(["environ"])
    assert [each for each in everybody if (each.info["environ"] or {}).get("HOME") == home and lives(each)] == []


def test_the_supervisor_needs_its_job(tmp_path: Path) -> None:
    run = [sys.executable, "-I", "-S", supervisor.__file__]
    said = subprocess.run(run, input=json.dumps({}), text=True, capture_output=True, timeout=SECONDS)
    assert (said.returncode, said.stderr) == (1, "The worker has ended.\n")
