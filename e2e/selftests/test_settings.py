"""playwright.config.py says what it means, and a mistake in it is one sentence"""

from pathlib import Path

import psutil
import pytest

from cookieproof import CookieproofError
from cookieproof.settings import Settings, load
from cookieproof.site import sites
from selftests.support.project import Project


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            "web_server = {'ap': 'x:y'}",
            "has no 'ap'; allowed: app, config, env, hosts, https, setup. Did you mean \"app\"?",
        ),
        ("webserver = {'app': 'x:y'}", "knows no 'webserver'; allowed: allow_hosts, base_url, expect, output_dir,"),
        ("webserver = {'app': 'x:y'}", 'Did you mean "web_server"? A helper of your own starts with an underscore.'),
        (
            "workers = 4",
            "knows no 'workers'; allowed: allow_hosts, base_url, expect, output_dir, projects, require, sites,",
        ),
        ("web_server = {'app': 3}", "web_server['app'] is 3; allowed: a text."),
        ("web_server = {'https': 'yes'}", "web_server['https'] is 'yes'; allowed: True or False."),
        (
            "web_server = 'app'",
            "web_server is 'app'; allowed: a dict with the keys app, config, env, setup, https, hosts.",
        ),
        ("use = {'browser': 'chrome'}", "use['browser'] is 'chrome'; allowed: 'chromium', 'firefox', 'webkit'."),
        ("use = {'headless': 1}", "use['headless'] is 1; allowed: True or False."),
        ("use = {'slow_mo': True}", "use['slow_mo'] is True; allowed: a number."),
        ("use = {'timezone': 'UTC'}", "use has no 'timezone'; allowed: browser, channel,"),
        ("use = {'timezone': 'UTC'}", 'Did you mean "timezone_id"?'),
        (
            "use = {'viewport': {'width': 9}}",
            "allowed: a dict with the key height, which is not there.",
        ),
        ("use = {'launch_options': {'slowmo': 5}}", "use['launch_options'] has no 'slowmo'; allowed: args,"),
        ("use = {'context_options': {'bypas_csp': True}}", 'Did you mean "bypass_csp"?'),
        (
            "projects = [{'use': {}}]",
            "projects[0] is {'use': {}}; allowed: a dict with the key name, which",
        ),
        ("projects = [{'name': 'a', 'use': {'trace': 'yes'}}]", "projects[0]['use']['trace'] is 'yes'; allowed: 'on',"),
        ("projects = [{'name': 'a'}, {'name': 'a'}]", "two projects have the name 'a'; give each a name of its own."),
        ("expect = {'timeout': '5'}", "expect['timeout'] is '5'; allowed: a number."),
        ("strict = None", "strict is None; allowed: True or False."),
        ("import nothing_like_it", "cannot be read: ModuleNotFoundError: No module named 'nothing_like_it'"),
    ],
)
def test_a_mistake_is_named_with_its_key_its_value_and_what_is_allowed(tmp_path: Path, config: str, says: str) -> None:
    (tmp_path / "playwright.config.py").write_text(config)
    with pytest.raises(CookieproofError) as failure:
        load(tmp_path)
    assert str(failure.value).startswith("playwright.config.py")
    assert says in str(failure.value)
    assert "\n" not in str(failure.value)


def test_everything_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "playwright.config.py").write_text("from pathlib import Path\n_mine = 3\ndef helper(): pass\n")
    assert load(tmp_path) == Settings()


@pytest.mark.parametrize(
    ("project", "browser", "chosen", "use"),
    [
        (None, None, "quick", {"browser": "chromium", "locale": "de-DE", "channel": "chromium-headless-shell"}),
        ("fox", None, "fox", {"browser": "firefox", "locale": "fr-FR"}),
        (None, "firefox", "fox", {"browser": "firefox", "locale": "fr-FR"}),
        ("fox", "firefox", "fox", {"browser": "firefox", "locale": "fr-FR"}),
        (None, "webkit", None, {"browser": "webkit", "locale": "de-DE"}),
    ],
)
def test_one_run_is_one_project(project: str | None, browser: str | None, chosen: str | None, use: object) -> None:
    settings = Settings(
        use={"browser": "chromium", "locale": "de-DE"},
        projects=[
            {"name": "quick", "use": {"channel": "chromium-headless-shell"}},
            {"name": "fox", "use": {"browser": "firefox", "locale": "fr-FR"}},
        ],
    )
    name, for_run = settings.for_run(project, browser)
    assert (name, for_run.use) == (chosen, use)


def test_a_project_that_is_not_there_or_is_of_another_browser_is_refused() -> None:
    settings = Settings(projects=[{"name": "fox", "use": {"browser": "firefox"}}])
    with pytest.raises(CookieproofError, match=r'--project "fix" is not there; .* has: fox. Did you mean "fox"\?'):
        settings.for_run("fix", None)
    with pytest.raises(CookieproofError, match="--project fox is of firefox: leave out --browser webkit"):
        settings.for_run("fox", "webkit")
    with pytest.raises(CookieproofError, match="has no projects"):
        Settings().for_run("fox", None)


CONFIG = """
web_server = {"app": "app:create_app"}
use = {
    "trace": "on",
    "screenshot": "on",
    "slow_mo": 3,
    "locale": "de-DE",
    "timezone_id": "Asia/Tokyo",
    "viewport": {"width": 400, "height": 300},
    "launch_options": {"args": ["--force-dark-mode"]},
    "context_options": {"reduced_motion": "reduce"},
}
expect = {"timeout": 1234}
timeout = 50_000
output_dir = "out"
"""
SEEN = """
from playwright.sync_api import expect
import pytest

SCRIPT = '''() => [navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone, innerWidth,
    matchMedia("(prefers-reduced-motion)").matches]'''

def test_it(visitor, page, pytestconfig, browser_type_launch_args):
    visitor.goto("/")
    page.goto("/")
    assert visitor.page.evaluate(SCRIPT) == page.evaluate(SCRIPT) == ["de-DE", "Asia/Tokyo", 400, True]
    assert "--force-dark-mode" in browser_type_launch_args["args"]
    assert browser_type_launch_args["slow_mo"] == 3
    with pytest.raises(AssertionError, match="1234ms"):
        expect(visitor.page.get_by_text("nothing like it")).to_be_visible()
    assert pytestconfig.option.tracing == "on"
    assert pytestconfig.option.timeout == 50
"""


def test_what_the_file_says_reaches_the_browser_and_the_command_line_wins(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(CONFIG)
    project.test(SEEN)
    code, output = project.run("-n", "1")
    assert code == 0, output
    assert {path.suffix for path in project.folder.glob("out/test-it*/visitor*")} == {".zip", ".png"}

    project.test(
        "def test_it(visitor, pytestconfig):\n    visitor.goto('/')\n    assert pytestconfig.option.timeout == 40\n"
    )
    code, output = project.run("--tracing", "off", "--timeout=40", "--output", "elsewhere")
    assert code == 0, output
    assert {path.suffix for path in project.folder.glob("elsewhere/test-it*/visitor*")} == {".png"}


def test_a_device_by_its_name(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(
        "web_server = {'app': 'app:create_app'}\nuse = {'device': 'iPhone 13'}\n"
    )
    project.test("def test_it(visitor):\n    assert 'iPhone' in visitor.page.evaluate('navigator.userAgent')\n")
    code, output = project.run()
    assert code == 0, output
    code, output = project.run("--device", "iPhone 133")
    assert 'The device "iPhone 133" is none of playwright.devices. Did you mean "iPhone 13' in output
    assert code == 1


COUNTING = """
import flask
def create_app():
    app = flask.Flask(__name__)
    @app.get("/")
    def home():
        return open(app.config["PLACE"]).read()
    return app
"""
SET_UP = """
web_server = {
    "app": "counting:create_app",
    "config": {"PLACE": "{tmp}/place"},
    "env": {"WHO": "Ada"},
    "setup": "echo $WHO >> $FLASK_PLACE && echo {tmp} >> set-up-of",
}
"""


def test_a_set_up_command_runs_once_for_each_worker_with_its_own_folder(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(SET_UP)
    (project.folder / "counting.py").write_text(COUNTING)
    test = "def test_{}(site):\n    site.restart()\n    assert urlopen(site.url).read() == b'Ada\\n'\n"
    tests = [test.format(name) for name in ("one", "two", "three", "four")]
    project.test("".join(["from urllib.request import urlopen\n", *tests]))
    code, output = project.run("-n", "2")
    assert code == 0, output
    folders = (project.folder / "set-up-of").read_text().split()
    assert len(folders) == len(set(folders)) == 2


ANOTHER = """
import flask, os
def create_app():
    app = flask.Flask(__name__)
    @app.get("/")
    def home():
        return {"env": os.environ.get("WHO"), "config": {key: app.config.get(key) for key in ("PLACE", "GIVEN")}}
    return app
"""


def test_another_app_of_a_marker_keeps_the_environment_and_no_configuration_of_the_configured_one(
    project: Project,
) -> None:
    (project.folder / "playwright.config.py").write_text(SET_UP)
    (project.folder / "counting.py").write_text(COUNTING)
    (project.folder / "another.py").write_text(ANOTHER)
    project.test(
        """
import json, pytest
from urllib.request import urlopen

@pytest.mark.site("another.py:create_app", GIVEN="1")
def test_it(site):
    assert json.load(urlopen(site.url)) == {"env": "Ada", "config": {"PLACE": None, "GIVEN": "1"}}
"""
    )
    code, output = project.run()
    assert code == 0, output
    assert not (project.folder / "set-up-of").exists()  # nor is the configured app set up for it


def test_a_set_up_command_that_fails_is_quoted(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(
        "web_server = {'app': 'app:create_app', 'setup': 'echo no such table; exit 3'}"
    )
    project.test("def test_it(site):\n    pass\n")
    code, output = project.run()
    assert "set-up command `echo no such table; exit 3` failed with exit code 3. It said last:" in output
    assert "    no such table" in output
    assert "Traceback" not in output
    assert code == 1


def test_a_set_up_command_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "SET_UP_SECONDS", 3)
    told = sites._failure_of("echo asking for a password; sleep 100 & wait", {}, {"CALLED": str(tmp_path)}, tmp_path)
    assert told.startswith(
        "The site's set-up command `echo asking for a password; sleep 100 & wait` was ended after 3 s"
    )
    assert told.endswith("It said last:\n    asking for a password")
    assert [each for each in psutil.process_iter() if called(each) == str(tmp_path)] == []


def called(process: psutil.Process) -> str:
    try:
        return process.environ().get("CALLED", "") if process.status() != psutil.STATUS_ZOMBIE else ""
    except psutil.Error:
        return ""


def test_a_site_that_runs_elsewhere(project: Project, site_elsewhere: str) -> None:
    (project.folder / "playwright.config.py").write_text(f"base_url = {site_elsewhere!r}")
    project.test(
        """
import pytest
from datetime import timedelta
from cookieproof import Lifetime, WITH_THE_BROWSER, prove_lifetimes

def test_visit(visitor, clock):
    visitor.goto("/set/a")
    visitor.goto("/set/aged?age=60&path=/set")
    visitor.goto("/set/gone?age=0")
    expect_cookie(visitor, "a").to_be_sent(value="1")
    expect_cookie(visitor, "a").to_end_with_the_browser()
    expect_cookie(visitor, "aged", path="/set").to_expire_in(timedelta(minutes=1))
    expect_cookie(visitor, "never").never_to_be_set()
    with pytest.raises(AssertionError, match="was never set in this browser"):
        expect_cookie(visitor, "A").not_to_be_sent()
    assert visitor.sent_pairs("/set/") == [("aged", "1"), ("a", "1")]
    assert [(each.method, each.path, each.status) for each in visitor.wire][0] == ("GET", "/set/a", 200)
    visitor.restart()
    expect_cookie(visitor, "a").not_to_be_sent()
    expect_cookie(visitor, "aged", path="/set").to_be_sent()
    clock.skew(browser=timedelta(minutes=2))
    expect_cookie(visitor, "aged", path="/set").not_to_be_sent()

def test_page(page):
    assert page.goto("/set/a").ok

def test_restart(site):
    site.restart()

def test_clock(clock):
    clock.advance(days=1)

test_lifetimes = prove_lifetimes([Lifetime("a", set_by="/set/a", lasts=WITH_THE_BROWSER)])
"""
    )
    result = project.run()
    output = result.output
    result.assert_outcomes(failed=2, passed=3)
    assert "runs elsewhere, on a clock of its own: of what takes time only that is proven there " in output
    assert f"{site_elsewhere} runs elsewhere and cannot be restarted from here" in output
    assert f"{site_elsewhere} runs elsewhere, on a clock of its own" in output
