"""What a marker, the command line and playwright.config.py say of one site is one site, or a sentence"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cookieproof import CookieproofError
from cookieproof.harness import Harness
from cookieproof.site import kinds
from cookieproof.site.site_spec import SiteMarker, SiteSpec
from selftests.support.command import PYTHON, SITE

APP, COMMAND = "e2e/selftests/apps/plain.py:create_app", f"{PYTHON} site.py {{port}}"
URL = "https://shop.example"


def marked(*args: str, **kwargs: Any) -> SiteMarker:
    return SiteMarker(Path.cwd(), args, kwargs)


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            {"web_server": {"app": APP, "command": COMMAND}},
            "playwright.config.py: web_server names an app and a",
        ),
        ({"options": {"site": APP, "site_command": COMMAND}}, "--site and --site-command are two sites: leave one of "),
        (
            {"marker": marked(APP, command=COMMAND)},
            "@pytest.mark.site names an app and a command: ",
        ),
        (
            {"marker": marked(command=COMMAND, SECRET_KEY="a")},
            "@pytest.mark.site(SECRET_KEY=…) is Flask's configuration, and the site is a command: give it environment ",
        ),
        ({"options": {"base_url": URL}, "marker": marked(SECRET_KEY="a")}, f"{URL} runs elsewhere: @pytest.mark.site "),
    ],
)
def test_two_sites_in_one_are_a_sentence(told: dict[str, Any], says: str) -> None:
    with pytest.raises(CookieproofError) as failure:
        kinds.check(SiteSpec(Path.cwd(), **told))
    assert str(failure.value).startswith(says)


@pytest.mark.parametrize("url", ["shop.example", "ftp://shop.example", "https://"])
def test_a_base_url_that_is_none_is_a_sentence(_worker: Harness, url: str) -> None:
    with pytest.raises(CookieproofError, match=f'^The base URL "{url}" is none: spell it "https://shop.example"'):
        _worker.site(SiteSpec(Path.cwd(), options={"base_url": url}))


@pytest.fixture
def told(tmp_path: Path) -> dict[str, Any]:
    """A site that a command serves, for ``web_server``."""
    (tmp_path / "site.py").write_text(SITE)
    return {"command": COMMAND, "cwd": str(tmp_path)}


def test_a_commands_restart_takes_no_configuration_of_flasks(_worker: Harness, told: dict[str, Any]) -> None:
    site = _worker.site_of(told)
    with pytest.raises(CookieproofError, match=r"^A site that a command serves cannot be given SECRET_KEY, Flask"):
        site.restart(SECRET_KEY="a")
    site.end()


def test_a_command_that_was_given_too_little_time_is_started_with_more(_worker: Harness, told: dict[str, Any]) -> None:
    with pytest.raises(CookieproofError, match=r"after 0\.001 s"):
        _worker.site_of({**told, "timeout": 1})
    _worker.site_of(told).end()


@pytest.fixture(params=["app", "command", "url"])
def web_server(request: pytest.FixtureRequest, told: dict[str, Any]) -> SiteSpec:
    of_kinds: dict[str, dict[str, Any]] = {
        "app": {"web_server": {"app": APP}},
        "command": {"web_server": told},
        "url": {"options": {"base_url": URL}},
    }
    return SiteSpec(Path.cwd(), allow_hosts=["*.cdn.example"], **of_kinds[request.param])


def test_each_kind_lets_through_what_may_be_reached(_worker: Harness, web_server: SiteSpec) -> None:
    site = _worker.site(web_server)
    assert [site.recording.passes(host, 443) for host in ("a.cdn.example", "cdn.example")] == [True, False]
    site.end()
