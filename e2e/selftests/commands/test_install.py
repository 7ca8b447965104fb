"""install gets all that is missing by one apt-get, and says what does not work"""

import contextlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from cookieproof import CookieproofError
from cookieproof.browser.engine import Engine
from cookieproof.browser.engines import ENGINES
from cookieproof.commands import install as installing
from selftests.support.builds import stub

WANTED = ["xvfb", "redis", "chromium-headless-shell", "firefox"]
PROGRAMS = {
    "xvfb": "xvfb-run",
    "redis-server": "redis-server",
    "chromium-headless-shell": "chromium-headless-shell",
    "firefox-esr": "firefox-esr",
    "gcc": "cc",
}
Machine = Callable[..., list[str]]


@pytest.fixture
def machine(tmp_path: Path, playwright: Playwright, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A Debian on which nothing is installed; returns the commands that root ran. One of its packages may be bad."""

    def make(bad: str = "") -> list[str]:
        def run_as_root(*command: str) -> None:
            commands.append(" ".join(command))
            if bad and bad in command:
                raise CookieproofError(f"`{' '.join(command)}` failed: no {bad}.")
            for package in set(command) & set(PROGRAMS):
                stub(tmp_path / PROGRAMS[package])

        def build() -> None:
            if not (tmp_path / "cc").exists():
                raise CookieproofError("There is no cc.")

        def start(playwright: Playwright, engine: Engine, found: dict[str, str]) -> str:
            commands.append(f"start {engine.name}")
            return engine.title

        commands: list[str] = []
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(installing, "DEBIAN", tmp_path)
        monkeypatch.setattr(Engine, "own_executable", lambda self, path: tmp_path / "none")
        monkeypatch.setattr(installing, "sync_playwright", lambda: contextlib.nullcontext(playwright))
        monkeypatch.setattr(installing, "_download", lambda engine: commands.append(f"download {engine.name}"))
        monkeypatch.setattr(installing, "_run_as_root", run_as_root)
        monkeypatch.setattr(installing, "build", build)
        monkeypatch.setattr(installing, "_start_once", start)
        return commands

    return make


DOWNLOADS = ["download chromium-headless-shell", "download firefox", "apt-get update -qq"]
INSTALL = "apt-get install -y -qq --no-install-recommends"
PACKAGES = ("xvfb xauth", "redis-server", "chromium-headless-shell", "firefox-esr", "gcc libc6-dev")

WORKS = ["xvfb-run works.", "redis-server works.", "Chromium's headless shell works.", "Firefox works."]


def test_one_apt_get_installs_all(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    commands = machine()
    assert installing.install_all(WANTED) == {}
    starts = ["start chromium-headless-shell", "start firefox"]
    assert commands == [*DOWNLOADS, f"{INSTALL} {' '.join(PACKAGES)}", *starts]
    assert capsys.readouterr().out.splitlines()[1:] == WORKS
    commands.clear()
    assert installing.install_all(WANTED) == {}
    assert commands == ["download chromium-headless-shell", "download firefox", *starts]


def test_a_package_that_cannot_be_had_spoils_no_other(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    commands = machine("chromium-headless-shell")
    errors = installing.install_all([*WANTED, "webkit"])
    assert {name: str(error) for name, error in errors.items()} == {
        "webkit": "There is no WebKit here: only Playwright's own build of it can be driven, and it could not be "
        "downloaded.",
        "chromium-headless-shell": f"`{INSTALL} chromium-headless-shell` failed: no chromium-headless-shell. "
        "Install Chromium's headless shell, or let `playwright install --only-shell chromium` download it, and try "
        "again.",
    }
    assert [command.removeprefix(INSTALL).strip() for command in commands[4:]] == [
        " ".join(PACKAGES),
        *PACKAGES,
        "start firefox",
    ]
    assert capsys.readouterr().out.splitlines()[1:] == WORKS[:2] + WORKS[3:]


def test_playwright_is_not_asked_for_a_download_whose_hosts_have_no_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def addresses(host: str, port: int) -> list[str]:
        if host not in known:
            raise OSError("Name or service not known")
        return [host]

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        ran.append(command[2:])
        return subprocess.CompletedProcess(command, 0)

    known: set[str] = set()
    ran: list[list[str]] = []
    for name in [name for name in os.environ if name.lower().endswith(("_proxy", "download_host"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("cookieproof.commands.install.socket.getaddrinfo", addresses)
    monkeypatch.setattr("cookieproof.commands.install.subprocess.run", run)
    installing._download(ENGINES["firefox"])
    assert ran == []
    assert "cannot be downloaded" in capsys.readouterr().out
    known.add(installing.DOWNLOAD_HOSTS[-1])
    installing._download(ENGINES["firefox"])
    known.clear()
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "https://mirror.example")
    installing._download(ENGINES["firefox"])
    assert ran == [["playwright", "install", "firefox"]] * 2
    assert "cannot be downloaded" not in capsys.readouterr().out
