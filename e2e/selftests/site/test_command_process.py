"""A command serves a site, on a port that is its own, and says in a sentence why if it does not"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
from pathlib import Path

import psutil
import pytest

from cookieproof import CookieproofError
from cookieproof.errors import wait_until
from cookieproof.site import ports
from cookieproof.site.command_process import CommandProcess
from cookieproof.site.ports import PortLease
from selftests.support.command import PYTHON, SECONDS, Commands, asked, await_end

SERVES = f"{PYTHON} site.py {{port}}"
DEADLINE = 2.0  # seconds until a site must be ready: time enough to listen, on a busy machine too


def why(command: CommandProcess) -> str:
    """With which sentences it does not start; they come by their deadline, and nothing stays behind."""
    began = time.monotonic()
    with pytest.raises(CookieproofError) as refused:
        command.ensure_as_configured()
    assert time.monotonic() - began < SECONDS
    assert command.processes() == []
    return str(refused.value)


# --- it serves


def test_a_command_serves_on_a_port_of_its_own(a_command: Commands) -> None:
    command = a_command(SERVES)
    command.ensure_as_configured()
    told = asked(command)
    assert told["pid"] in [each.pid for each in command.processes()]
    low, high = map(int, ports.EPHEMERAL.read_text().split())
    assert not low <= command.port <= high
    assert "GET / HTTP/1.1" in command.log_file.read_text()


def test_port_and_folder_are_filled_in_and_the_shell_keeps_its_braces(a_command: Commands, tmp_path: Path) -> None:
    command = a_command(
        f'export SEEN="${{X}} ${{port}} {{other}} {{tmp}}"; exec {PYTHON} site.py $LISTEN',
        env={"LISTEN": "{port}", "X": "{tmp}/x {X}", "port": "a variable"},
    )
    command.ensure_as_configured()
    env = asked(command)["env"]
    folder = tmp_path / "files" / "tmp"
    assert env["SEEN"] == f"{folder}/x {{X}} a variable {{other}} {folder}"
    assert env["LISTEN"] == str(command.port)


def test_home_and_temporary_folder_are_the_runs_own_unless_they_are_given(a_command: Commands, tmp_path: Path) -> None:
    command = a_command(SERVES)
    command.ensure_as_configured()
    env = asked(command)["env"]
    assert {Path(env["HOME"]).parent, Path(env["TMPDIR"]).parent} == {tmp_path / "files"}
    assert Path(env["HOME"]).is_dir() and Path(env["TMPDIR"]).is_dir()
    command.restart({"HOME": "/nowhere"})
    assert asked(command)["env"]["HOME"] == "/nowhere"


def test_a_restart_keeps_nothing_of_the_old_process(a_command: Commands) -> None:
    command = a_command(f"{PYTHON} -c 'import time; time.sleep(60)' & {SERVES}")
    command.restart({"ONCE": "here"})
    old, before = command.processes(), asked(command)
    assert len(old) == 3 and before["env"]["ONCE"] == "here"
    command.ensure_as_configured()
    after = asked(command)
    await_end(*old)
    assert after["pid"] != before["pid"] and "ONCE" not in after["env"]
    command.ensure_as_configured()
    assert asked(command)["pid"] == after["pid"]


def test_a_restart_takes_another_port_if_somebody_holds_the_old_one(a_command: Commands) -> None:
    command = a_command(SERVES)
    command.ensure_as_configured()
    port = command.port
    command.stop()
    with socket.create_server(("127.0.0.1", port)):
        command.restart()
        assert command.port != port
        assert asked(command)["pid"]


@pytest.fixture
def only_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """A free port, the only one that there is to choose."""
    with contextlib.closing(PortLease()) as lease:
        monkeypatch.setattr(ports, "FIRST", lease.port)
        monkeypatch.setattr(ports, "LAST", lease.port)
        return lease.port


def test_two_workers_never_have_the_same_port(only_port: int) -> None:
    with contextlib.closing(PortLease()) as lease:
        assert lease.port == only_port
        with pytest.raises(CookieproofError, match="No port is free for the site's command"):
            PortLease()


@pytest.mark.parametrize("host", ["127.0.0.1", "", "::1"])
def test_a_port_where_somebody_listens_is_not_chosen(only_port: int, host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with (
        socket.create_server((host, only_port), family=family),
        pytest.raises(CookieproofError, match="No port is free for the site's command"),
    ):
        PortLease()


def test_a_port_of_outgoing_connections_is_not_chosen(
    only_port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "range").write_text(f"{only_port - 1}\t{only_port - 1}\n")
    monkeypatch.setattr(ports, "EPHEMERAL", tmp_path / "range")
    monkeypatch.setattr(ports, "FIRST", only_port - 1)
    with contextlib.closing(PortLease()) as lease:
        assert lease.port == only_port


def test_a_site_on_the_other_loopback_is_found(a_command: Commands) -> None:
    six = "import http.server as s, socket, sys; s.HTTPServer.address_family = socket.AF_INET6; "
    command = a_command(f"{PYTHON} -c '{six} s.test(s.SimpleHTTPRequestHandler, port={{port}}, bind=\"::1\")'")
    command.ensure_as_configured()
    assert command.address == ("::1", command.port)


def test_the_ready_url_is_asked_on_its_host(a_command: Commands) -> None:
    command = a_command(SERVES, url="http://www.localhost:{port}/404?a=b c")
    command.ensure_as_configured()
    said = command.log_file.read_text()
    assert f"Host: www.localhost:{command.port}\n" in said
    assert '"GET /404?a=b%20c HTTP/1.1" 404' in said


def test_who_ends_later_is_told_of_with_its_last_lines(a_command: Commands) -> None:
    command = a_command(f"echo started; {SERVES}; echo over; exit 3")
    command.ensure_as_configured()
    command.restart()
    assert command.death() == ""
    os.kill(asked(command)["pid"], signal.SIGKILL)
    told = command.death(within=SECONDS)
    assert told.startswith("The site's process ended with exit code 3. Mend what it said last:\n    started\n")
    assert told.endswith("    over") and told.count("started") == 1


def test_who_ends_by_a_signal_is_told_of_with_its_name(a_command: Commands) -> None:
    command = a_command(f"exec {SERVES}")
    command.ensure_as_configured()
    os.kill(asked(command)["pid"], signal.SIGSEGV)
    assert command.death(within=SECONDS).startswith("The site's process ended by SIGSEGV. Mend what it said last:\n")


# --- it does not


def test_a_command_without_a_port_is_refused(a_command: Commands) -> None:
    with pytest.raises(CookieproofError, match=r"`serve \$\{port\}` has no {port}: write it .* web_server\[\"env\"\]"):
        a_command("serve ${port}", env={"A": "{tmp}"})


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/",
        "https://localhost/",
        "http://localhost:8000/",
        "http://localhost.example:{port}/",
        "http://[/",
        "health",
        "",
    ],
)
def test_a_url_that_is_not_the_sites_is_refused(a_command: Commands, url: str) -> None:
    expected = re.escape(f"web_server[\"url\"] is '{url}', but a site's command is asked on loopback")
    with pytest.raises(CookieproofError, match=expected):
        a_command(SERVES, url=url)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("echo 'no {port}'; exit 3", "it ended with exit code 3. Mend what it said last:\n    no "),
        ("exit 4 # {port}", "it ended with exit code 4. It said nothing."),
        ("kill -KILL $$ # {port}", "it ended by SIGKILL. It said nothing."),
        (
            "no-such-program {port}",
            "a program that it names is not found (exit code 127). Mend what it said last:\n    /bin/sh: 1: no-such-",
        ),
        (f"{SERVES} &", "it ended with exit code 0, and must stay in the foreground. It said nothing."),
        ("echo {port} \0", "it ended with exit code 126. Mend what it said last:\n    embedded null byte"),
    ],
    ids=["exits", "silent", "by signal", "not found", "in the background", "NUL"],
)
def test_a_command_that_ends_at_its_start(a_command: Commands, command: str, text: str) -> None:
    said = why(a_command(command))
    assert f" did not start: {text}" in said
    assert "Traceback" not in said


def test_a_folder_that_is_not_there(a_command: Commands, tmp_path: Path) -> None:
    assert f"'{tmp_path / 'nowhere'}'" in why(a_command(SERVES, cwd=tmp_path / "nowhere"))


def test_what_failed_once_is_not_tried_again(a_command: Commands) -> None:
    command = a_command("echo tried; exit 3 # {port}")
    assert why(command) == why(command)
    assert command.log_file.read_text() == "tried\n"


def test_a_command_that_never_listens(a_command: Commands) -> None:
    command = a_command("echo starting; exec sleep 60 # {port}", timeout=DEADLINE)
    assert why(command) == (
        f"The site's command `echo starting; exec sleep 60 # {{port}}` does not listen on port {command.port} after "
        "2 s: have it listen on 127.0.0.1:{port}. It said last:\n    starting"
    )


def test_a_command_that_listens_elsewhere(a_command: Commands) -> None:
    with contextlib.closing(PortLease()) as lease:
        said = why(a_command(f"{PYTHON} site.py {lease.port} # {{port}}", timeout=DEADLINE))
    assert f"after 2 s, but on 127.0.0.1:{lease.port}: have it listen on 127.0.0.1:{{port}}. It said nothing." in said


LISTENS = "import socket, time; held = socket.create_server(('127.0.0.1', {port})); time.sleep(60)"
DRIPS = """
import socket, time
connection, _ = socket.create_server(('127.0.0.1', {port})).accept()
while True:
    connection.send(b'H')
    time.sleep(0.05)
"""


@pytest.mark.parametrize("program", [LISTENS, DRIPS], ids=["silent", "byte by byte"])
def test_a_command_that_listens_and_never_answers(a_command: Commands, program: str) -> None:
    said = why(a_command(f'{PYTHON} -c "{program}"', timeout=DEADLINE, url="/health"))
    assert "listens, but has not answered GET /health within 2 s: mend it, or give it longer" in said


def test_a_command_that_answers_500_for_ever(a_command: Commands) -> None:
    said = why(a_command(SERVES, timeout=DEADLINE, url="/500"))
    assert "still answers GET /500 with 500 after 2 s: mend it, or name a path that it answers below 500 in web" in said
    assert said.endswith('"GET /500 HTTP/1.1" 500 -')


@pytest.mark.parametrize("address", ["0.0.0.0", "''"])
def test_a_command_that_listens_beyond_loopback(a_command: Commands, address: str) -> None:
    command = a_command(f"{SERVES} {address}")
    said = why(command)
    assert f"listens on 0.0.0.0:{command.port}, where other machines reach it: have it" in said


def test_a_command_that_listens_beyond_loopback_besides(a_command: Commands) -> None:
    with contextlib.closing(PortLease()) as lease:
        command = a_command(f"{PYTHON} -S site.py {lease.port} 0.0.0.0 & {SERVES}; wait", url="/500")
        assert f"listens on 0.0.0.0:{lease.port}, where other machines reach it" in why(command)


def test_every_address_of_ipv6_is_beyond_loopback(a_command: Commands) -> None:
    six = "import http.server as s, socket; s.HTTPServer.address_family = socket.AF_INET6; "
    command = a_command(f"{PYTHON} -c '{six} s.test(s.SimpleHTTPRequestHandler, port={{port}}, bind=\"::\")'")
    said = why(command)
    assert f"listens on [::]:{command.port}, where other machines reach it" in said


def test_a_port_that_somebody_else_has_taken(a_command: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    command = a_command("exec sleep 60 # {port}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(PortLease, "is_free", True)
        monkeypatch.setattr(ports, "FIRST", taken.getsockname()[1])
        monkeypatch.setattr(ports, "LAST", taken.getsockname()[1])
        said = why(command)
    me = psutil.Process()
    assert f"`: {me.name()} ({me.pid}), which the command did not start, listens on it. End it, or try again." in said


def test_the_end_of_a_wait_ends_the_command(a_command: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[psutil.Process] = []

    def interrupted(*_: object) -> None:
        seen.extend(wait_until(command.processes, "the command to start", SECONDS))
        raise KeyboardInterrupt

    monkeypatch.setattr("cookieproof.site.command_process.Readiness.wait", interrupted)
    command = a_command(SERVES)
    with pytest.raises(KeyboardInterrupt):
        command.ensure_as_configured()
    await_end(*seen)
