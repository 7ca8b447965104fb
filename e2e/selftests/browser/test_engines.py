"""Each project starts the browser that it names, and each difference between engines has a source and is tested"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, Playwright

from cookieproof import CookieproofError
from cookieproof.browser.differences import DIFFERENCES
from cookieproof.browser.engines import ENGINES, choose, find, why_no_video
from cookieproof.browser.launcher import version
from cookieproof.cookies.stored_cookie import StoredCookie
from selftests.support.builds import playwrights_own, stub
from selftests.support.project import Project

PROJECTS = """
web_server = {"app": "app:create_app"}
projects = [
    {"name": "full"},
    {"name": "quick", "use": {"channel": "chromium-headless-shell"}},
    {"name": "fox", "use": {"browser": "firefox"}},
    {"name": "kit", "use": {"browser": "webkit"}},
    {"name": "brand", "use": {"channel": "chrome-canary"}},
]
"""


@pytest.fixture
def stubs(project: Project) -> dict[str, Path]:
    """A stub of each of Playwright's own builds, where Playwright would install it, by the engine's name."""
    project.test("def test_it(visitor):\n    visitor.goto('/')\n\ndef test_page(page):\n    page.goto('/')\n")
    (project.folder / "playwright.config.py").write_text(PROJECTS)
    project.env["PLAYWRIGHT_BROWSERS_PATH"] = str(project.folder / "builds")
    project.env["PLAYWRIGHT_SKIP_VALIDATE_HOST_REQUIREMENTS"] = "1"  # a stub needs none of WebKit's libraries
    made = playwrights_own(project.env)
    # Of the shell's folder Playwright tells nothing: this is how it lays it out on Linux.
    shells = made["chromium-headless-shell"].parent
    made["chromium-headless-shell"] = shells / "chrome-headless-shell-linux64" / "chrome-headless-shell"
    return {name: stub(path) for name, path in made.items()}


@pytest.mark.parametrize(
    ("name", "engine"),
    [("full", "chromium"), ("quick", "chromium-headless-shell"), ("fox", "firefox"), ("kit", "webkit")],
)
def test_a_project_starts_playwrights_own_build(
    project: Project, stubs: dict[str, Path], name: str, engine: str
) -> None:
    result = project.run("--project", name)
    for path in stubs.values():
        assert (f"{path} was started with" in result.output) == (path == stubs[engine]), result.output
    result.assert_outcomes(failed=1, errors=1)  # visitor and page alike


def test_what_playwright_switches_off_stays_off_but_for_two(playwright: Playwright, tmp_path: Path) -> None:
    chromium, program = ENGINES["chromium"], stub(tmp_path / "chromium")
    with pytest.raises(Error) as failure:
        playwright.chromium.launch(executable_path=program, args=chromium.start_flags())
    started = next(line for line in failure.value.message.splitlines() if "was started with" in line)
    theirs, all_of_them = (names.split(",") for names in re.findall(r" --disable-features=(\S+)", started))
    stays = [each for each in theirs if each != "ThirdPartyStoragePartitioning"]
    assert len(stays) == len(theirs) - 1
    assert all_of_them == [*stays, *chromium.switched_off], "the last --disable-features replaces Playwright's"


def test_a_window_of_chromium_loads_no_pages_of_its_own(page: Page) -> None:
    assert page.context.browser
    session = page.context.browser.new_browser_cdp_session()
    targets = session.send("Target.getTargets")["targetInfos"]
    session.detach()
    own = [target["url"] for target in targets if target["type"] != "page"]
    assert own == [], "Chromium loads these into each window, which costs time: see switched_off in engines.py"


@pytest.mark.parametrize(("name", "program"), [("full", "chromium"), ("quick", "chromium-headless-shell")])
def test_without_it_a_project_starts_the_systems_browser(project: Project, name: str, program: str) -> None:
    project.test("def test_it(visitor):\n    visitor.goto('/')\n")
    (project.folder / "playwright.config.py").write_text(PROJECTS)
    path = stub(project.folder / "programs" / program)
    project.env |= {"PATH": str(path.parent), "PLAYWRIGHT_BROWSERS_PATH": str(project.folder / "none")}
    assert f"{path} was started with" in project.run("--project", name)[1]


def test_a_branded_channel_is_left_to_playwright(project: Project) -> None:
    project.test("def test_it(visitor):\n    visitor.goto('/')\n")
    (project.folder / "playwright.config.py").write_text(PROJECTS)
    output = project.run("--project", "brand")[1]
    assert "Chromium distribution 'chrome-canary' is not" in output, output


def test_the_system_firefox_is_driven_by_its_own_protocol(system_firefox: str, tmp_path: Path) -> None:
    options = find(ENGINES["firefox"], str(tmp_path / "firefox-1" / "firefox"))
    assert options == {"channel": "moz-firefox", "executable_path": system_firefox}
    assert why_no_video(ENGINES["firefox"], options, "").endswith("driven by WebDriver BiDi, which records none")


def test_webkit_is_playwrights_own_or_none(tmp_path: Path) -> None:
    with pytest.raises(CookieproofError, match=r'WebKit is not here. Run "python -m cookieproof install webkit"'):
        find(ENGINES["webkit"], str(tmp_path / "none"))


@pytest.mark.usefixtures("headless_shell")
def test_a_check_that_restarts_does_not_run_on_the_headless_shell(project: Project) -> None:
    project.test(
        """
def test_quick(visitor):
    visitor.goto("/")
    expect_cookie(visitor, "seen").to_be_sent(value="yes")

def test_restart(visitor):
    visitor.goto("/")
    visitor.restart()
    assert 0

def test_crash(visitor):
    visitor.goto("/")
    assert visitor.lives.crash_is_detectable

def test_disk(visitor):
    visitor.goto("/")
    visitor.close()
    assert visitor.on_disk
"""
    )
    result = project.run("--site", "app:create_app", "--browser-channel", "chromium-headless-shell")
    result.assert_outcomes(passed=1, skipped=3)
    why = "a restart of Chromium's headless shell proves nothing: it never writes session cookies to disk"
    assert why in result.output
    assert result.code == 0
    assert project.run("--browser-channel", "chromium-headless-shell", "--headed").code == 4


@pytest.mark.parametrize(
    ("browser", "channel", "name"),
    [
        ("chromium", None, "chromium"),
        ("chromium", "chromium-headless-shell", "chromium-headless-shell"),
        ("chromium", "msedge", "chromium"),
        ("firefox", "moz-firefox", "firefox"),
        ("webkit", None, "webkit"),
    ],
)
def test_the_engine_of_a_channel(browser: str, channel: str | None, name: str) -> None:
    assert choose(browser, channel).name == name


def test_every_difference_has_a_source_and_differs() -> None:
    for difference in DIFFERENCES.values():
        assert difference.source
        assert difference.values["chromium"] != difference.values["firefox"]


@pytest.mark.parametrize(
    ("domain", "host", "belongs"),
    [
        ("shop.localhost", "shop.localhost", True),
        ("shop.localhost", "x.shop.localhost", False),
        (".shop.localhost", "x.shop.localhost", True),
        (".shop.localhost", "shop.localhost", True),
        (".shop.localhost", "myshop.localhost", False),
    ],
)
def test_which_host_a_cookie_belongs_to(domain: str, host: str, belongs: bool) -> None:
    cookie = StoredCookie("a", "1", domain, "/", None, http_only=False, secure=False, same_site="Lax")
    assert cookie.domain_matches(host) is belongs


def test_a_browser_that_does_not_say_its_version_has_none(tmp_path: Path) -> None:
    assert version(str(tmp_path / "no such browser")) == ""
