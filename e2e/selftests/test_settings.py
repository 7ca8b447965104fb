"""playwright.config.py is read as documented, and each mistake in it is told in one sentence"""

from pathlib import Path

import pytest

from cookieproof import CookieproofError
from cookieproof.settings import Settings, load


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            "web_server = {'ap': 'x:y'}",
            "has no 'ap'; allowed: app, command, config, cwd, env, hosts, https, setup, timeout, trusts_proxy, url. "
            'Did you mean "app"?',
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
            "web_server is 'app'; allowed: a dict with the keys app, config, env, setup, https, hosts, trusts_proxy, "
            "command, url, cwd, timeout.",
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
