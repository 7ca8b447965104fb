"""A person watches the checks in a window, with the cookies explained beside the site"""

import os
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from PIL import Image

from cookieproof.errors import wait_until
from selftests.support.project import E2E, Project

pytestmark = pytest.mark.whole_browser
SITE, BESIDE = (10, 120, 200), (255, 248, 230)
APP = """
import flask

def create_app():
    app = flask.Flask(__name__)

    @app.get("/")
    def home():
        response = flask.make_response("<body style='background: rgb(10, 120, 200)'><h1>The shop</h1>")
        response.set_cookie("Itcast_1", "python_1", httponly=True)
        response.set_cookie("Itcast_3", "python_3", max_age=3600, samesite="Lax")
        return response

    return app
"""


@dataclass
class Screen:
    """A screen that nobody sees, and the file in which it lies in memory."""

    display: str
    memory: Path

    def picture(self) -> Image.Image:
        """What it shows. The file is an X window dump (XWDFile.h): big-endian words, then pixels."""
        dump = self.memory.read_bytes()
        header = struct.unpack(">25I", dump[:100])
        size, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
        return Image.frombytes("RGB", (width, height), dump[size + 12 * colours :], "raw", "BGRX", line)

    def pixels_of(self, colour: tuple[int, int, int]) -> int:
        """How many pixels have this colour"""
        pixels = self.picture().tobytes()
        return pixels.count(bytes(colour))


@pytest.fixture
def screen(tmp_path: Path, missing: Callable[[str, str], NoReturn]) -> Iterator[Screen]:
    """A screen of 1900 x 900, which needs Xvfb."""
    read, write = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(write),
        "-screen",
        "0",
        "1900x900x24",
        "-fbdir",
        str(tmp_path),
        "-nolisten",
        "tcp",
    ]
    try:
        server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        missing("xvfb", 'There is no Xvfb: run "python -m cookieproof install xvfb".')
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield Screen(f":{number.readline().strip()}", tmp_path / "Xvfb_screen0")
    finally:
        server.terminate()
        server.wait()


# Notes at what the Inspector stops, and goes on.
RESUMING = """
def resuming(visitor):
    debugger, titles = visitor.context.debugger, []

    def resume():
        if debugger.paused_details:
            titles.append(debugger.paused_details["title"].split()[0])
            debugger.resume()

    debugger.on("pausedstatechanged", resume)
    return titles
"""
WATCHED = """
from pathlib import Path
from cookieproof.errors import wait_until

def test_watched(visitor, clock):
    for life in ("first", "second"):
        visitor.goto("/")
        visitor.goto("/")
        Path(life).touch()
        wait_until(Path(f"seen-{life}").exists, "the picture to be taken", 60)
        if life == "first":
            visitor.restart()
            assert visitor.sent().keys() == {"Itcast_3"}
        # The window beside the site stands at a port of the harness's own.
        [beside] = [page for page in visitor.context.pages if page.title() == "What this browser sends"]
        beside.locator("dt", has_text="Itcast_3").wait_for()
        assert not beside.url.startswith(visitor.url)
    # In a window the page lives through a move of the clock, too.
    visitor.page.evaluate("minutes = 0; setInterval(() => { minutes++ }, 60_000)")
    clock.advance(minutes=3, awake=True)
    assert visitor.page.evaluate("minutes") == 3
    titles = resuming(visitor)
    visitor.page.pause()
    assert titles == ["Pause"]
"""


def test_the_site_and_its_cookies_are_on_the_screen_in_each_life_and_the_inspector_pauses_it(
    project: Project, screen: Screen, output_path: str
) -> None:
    (project.folder / "app.py").write_text(APP)
    project.test(RESUMING + WATCHED)
    project.env["DISPLAY"] = screen.display
    run = project.start("--site", "app:create_app", "--headed", "--slowmo", "50")

    def shows_both() -> bool:
        return screen.pixels_of(SITE) > 300_000 and screen.pixels_of(BESIDE) > 100_000

    for life in ("first", "second"):
        shown = project.folder / life
        wait_until(lambda shown=shown: run.poll() is not None or shown.exists(), "the site to be shown", 60)  # type: ignore[misc]
        assert run.poll() is None, run.communicate()[0]
        try:
            wait_until(shows_both, "the site and the explanation to be on the screen", 20)
        finally:
            Path(output_path).mkdir(parents=True, exist_ok=True)
            screen.picture().save(Path(output_path) / f"screen-{life}.png")
        (project.folder / f"seen-{life}").touch()
    code, output = project.wait(run)
    assert code == 0, output
    assert project.left_behind() == []


PAUSED = """
def test_paused(visitor):
    for life in (1, 2):
        visitor.open()
        titles = resuming(visitor)
        visitor.goto("/")
        visitor.page.pause()
        assert titles == ["Navigate", "Pause"]
        visitor.close()
"""


def test_the_inspector_pauses_each_life_at_its_first_step(project: Project, screen: Screen) -> None:
    project.test(RESUMING + PAUSED)
    project.env |= {"DISPLAY": screen.display, "PWDEBUG": "1"}
    code, output = project.run("--site", "app:create_app")
    assert code == 0, output


def test_a_headed_browser_ends_with_its_last_window(project: Project, screen: Screen) -> None:
    shutil.copy(E2E / "tests" / "browsers" / "test_every_ending.py", project.folder / "test_it.py")
    shop = f"{E2E.parent / 'site' / 'shop'}:create_app"
    project.env |= {"DISPLAY": screen.display, "FLASK_SECRET_KEY": "a key for the tests"}
    result = project.run("-k", "last and window or pop_up", "--headed", "--site", shop)
    result.assert_outcomes(passed=2)
    assert result.code == 0


def test_who_watches_takes_their_time(project: Project) -> None:
    project.test("def test_it(pytestconfig):\n    assert pytestconfig.option.timeout == {}\n".format("0"))
    (project.folder / "playwright.config.py").write_text("timeout = 9_000\n")
    project.env["DISPLAY"] = ":99"
    assert project.run("--headed")[0] == 0
    project.env["PWDEBUG"] = "1"
    assert project.run()[0] == 0
    project.test("def test_it(pytestconfig):\n    assert pytestconfig.option.timeout == 9\n")
    project.env |= {"PWDEBUG": "", "CI": "true"}
    assert project.run("--headed")[0] == 0


@pytest.mark.parametrize(("arguments", "debug"), [(["--headed"], ""), ([], "1")])
def test_without_a_screen_it_says_what_to_do(project: Project, arguments: list[str], debug: str) -> None:
    project.test("def test_it(visitor):\n    visitor.goto('/')\n")
    project.env["PWDEBUG"] = debug
    code, output = project.run("--site", "app:create_app", *arguments)
    assert "needs a display and there is none: put `xvfb-run -a` in front, or leave it out." in output
    assert code == 4
