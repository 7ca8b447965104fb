"""discover prints a test file that holds, and says what looks wrong"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cookieproof.commands.discover.security_warnings import SecurityWarnings
from cookieproof.commands.discover.tokens import looks_like
from cookieproof.commands.discover.visits import age
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.errors import Unsupported
from selftests.support.project import Project

APP = """
import os
from datetime import timedelta

import flask

def create_app():
    app = flask.Flask(__name__)
    started = os.path.exists("started")
    open("started", "w").close()
    app.secret_key = os.urandom(24) if started else "dev"
    app.permanent_session_lifetime = timedelta(days=3)

    @app.get("/")
    def home():
        response = flask.make_response("hello")
        response.set_cookie("seen", "yes")
        response.set_cookie("brief", "yes", max_age=5)
        response.set_cookie("refused", "yes", samesite="None")
        response.headers.add("Set-Cookie", f"far={'1' * 3500}; Path=/; Expires=Fri, 31 Dec 9999 23:59:59 GMT")
        return response

    @app.get("/keep")
    def keep():
        flask.session["kept"] = flask.session.permanent = True
        return "kept"

    @app.get("/area/in")
    def area():
        response = flask.make_response("<script>document.cookie = 'by_script=1; Max-Age=600; Path=/'</script>")
        response.set_cookie("area", "yes", path="/area", max_age=3600)
        return response

    @app.get("/forget")
    def forget():
        response = flask.make_response("forgotten")
        response.delete_cookie("seen")
        return response

    @app.get("/plain")
    def plain():
        return "<script>localStorage.visitor = '9f86d081-884c-4d65-9a2f-eaa0c55ad015'</script>"

    return app
"""
LIFETIMES = """
        Lifetime("seen", set_by="/", lasts=WITH_THE_BROWSER, deleted_by="/forget"),
        Lifetime("far", set_by="/", lasts=timedelta(days=400), path="/keep"),
        Lifetime("session", set_by="/keep", lasts=timedelta(days=3), renewed_by="/"),
        Lifetime("area", set_by="/area/in", lasts=timedelta(hours=1), renewed_by="/area/in", path="/area/in"),
        Lifetime("by_script", set_by="/area/in", lasts=timedelta(minutes=10)),
        # cookie "refused", set by /, should end with the browser, but is refused by the browser, WHY.
        # Lifetime("refused", set_by="/", lasts=WITH_THE_BROWSER),
"""
LIFETIMES = LIFETIMES.replace("WHY", "since it has SameSite=None without Secure")
WARNINGS = [
    '"far" asks for ',
    '"brief" lasts 5 seconds only, which is too short to be proven.',
    'the session cookie "session" is not protected: other sites can send it with their forms. '
    'app.config["SESSION_COOKIE_SAMESITE"] = "Lax"',
    'the session cookie "session" is not protected: it is sent over plain http too. '
    'app.config["SESSION_COOKIE_SECURE"] = True, behind https',
    '"far" of GET / has 3503 octets, and browsers refuse more than 4096: keep what grows on the server.',
    "/nowhere answered 404: name another page with --visit, or mend it.",
    "SECRET_KEY can be guessed, and whoever guesses it signs in as anybody. Make another (python -c 'import secrets; "
    "print(secrets.token_hex())') and keep it out of the code.",
    "SECRET_KEY is another one after a restart, so each deploy signs everyone out. Make one once (python -c 'import "
    "secrets; print(secrets.token_hex())'), keep it in the environment, and read it with "
    "app.config.from_prefixed_env().",
]


@pytest.mark.timeout(300)  # it takes a minute where nothing else runs
def test_the_printed_file_says_what_is_there_and_passes(project: Project) -> None:
    (project.folder / "app.py").write_text(APP)
    visits = ("--visit", "/", "/keep", "/area/in", "/forget", "/nowhere")
    code, printed = project.command("cookieproof", "discover", "app:create_app", *visits)
    assert code == 0, printed
    assert LIFETIMES in printed
    assert [warning for warning in WARNINGS if f"# Warning: {warning}" not in printed] == []
    assert printed.endswith("# Not visited, since not named with --visit: /plain.\n")
    (project.folder / "test_it.py").write_text(printed)
    result = project.run("--site", "app:create_app")
    assert result.code == 0, result.output
    result.assert_outcomes(passed=5)
    assert project.left_behind() == []


def test_without_a_cookie_it_says_where_to_look(project: Project) -> None:
    (project.folder / "app.py").write_text(APP)
    code, said = project.command("cookieproof", "discover", "app:create_app", "--visit", "/plain")
    assert code == 1
    assert said.startswith(
        'No cookie is set by /plain. "visitor" in localStorage, which looks like 16 or more random bytes, outlives the '
        "browser's close, and any script of the site reads it: what somebody is known by belongs into a cookie that "
        "ends with the browser, with HttpOnly. Not visited, since not named with --visit: /, /area/in, /forg"
    )


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.", "a JWT"),
        ('{"access": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln"}', "a JWT"),
        ("9f86d081884c7d659a2feaa0c55ad015", "16 or more random bytes"),
        ("9f86d081-884c-4d65-9a2f-eaa0c55ad015", "16 or more random bytes"),
        ('{"token":"kQ3x-9ZtB7_vR2mJ8cLw5A"}', "16 or more random bytes"),
        ("9f86d081884c7d65", ""),
        ("dark", ""),
        ("as the system has it, or dark", ""),
        ("2026-11-28T07:12:00.000Z", ""),
        ("product-2024-winter-collection-12", ""),
        ("100000000000000000000000000000000000", ""),
        ("https://shop.example/static/images/header-background.png", ""),
    ],
)
def test_a_token_is_known_by_its_looks(value: str, says: str) -> None:
    assert looks_like(value) == says


@dataclass
class SomebodyElses:
    """A site of which only exchanges are known."""

    @property
    def app_info(self) -> None:
        raise Unsupported("it is no app")


@pytest.mark.parametrize(
    ("scheme", "attributes", "asked"),
    [
        ("https", "HttpOnly; SameSite=Lax", ["it is sent over plain http too. Add Secure to its Set-Cookie."]),
        ("https", "HttpOnly; SameSite=Lax; Secure", []),
        ("http", "HttpOnly; SameSite=Lax", []),  # where it is served so here, nobody knows how it is elsewhere
    ],
)
def test_secure_is_asked_of_a_session_cookie_that_came_over_https(
    scheme: str, attributes: str, asked: list[str]
) -> None:
    notes: list[str] = []
    site: Any = SomebodyElses()
    cookie = SetCookie(f"sid=9f86d081884c4d659a2feaa0c55ad015; {attributes}")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    exchange = Exchange(1, 1, now, "GET", "shop.example", "/", 200, None, (cookie,), scheme)
    SecurityWarnings(site, notes).look([exchange], [])
    assert notes == [f'the session cookie "sid" is not protected: {each}' for each in asked]


@pytest.mark.parametrize(
    ("left", "watched", "lasts"),
    [
        (600, 0, 600),
        (598.5, 0, 600),  # an Expires, which is whole seconds
        (597, 0, 597),
        (594.2, 6, 600),  # a script has set it, at some moment of the last six seconds
        (604.2, 6, 604),
        (85, 3, 85),
    ],
)
def test_an_age_is_told_in_whole_minutes_where_it_may_be_so(left: float, watched: float, lasts: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    end, since = now + timedelta(seconds=left), now - timedelta(seconds=watched)
    assert age(end, now, since) == timedelta(seconds=lasts)
