"""discover signs in at a command's site and at somebody else's, and says what looks wrong"""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cookieproof import CookieproofError, Exchange, Lifetime, Site, Visitor
from cookieproof.commands.discover import Arguments, main
from cookieproof.commands.discover.functions import Functions
from cookieproof.commands.discover.proven_lifetimes import ProvenLifetimes
from cookieproof.commands.discover.security_warnings import SecurityWarnings
from cookieproof.commands.discover.signed_in import SignedIn
from cookieproof.commands.discover.suggested_lifetimes import SuggestedLifetimes
from cookieproof.commands.discover.visits import Visits
from cookieproof.commands.named_site import named_site
from cookieproof.cookies.set_cookie import SetCookie
from cookieproof.site.app_info import AppInfo
from cookieproof.site.command_process import CommandProcess
from selftests.support.project import Project

# What it sets wrong: a session without attributes, which is not renewed at sign-in, and a key that signs in anew after
# a restart of the browser and after the sign-out, but not after one of the site.
BROKEN = """
import secrets, sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY, KNOWN = secrets.token_hex(), set()

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        cookies = SimpleCookie(self.headers.get("Cookie", ""))
        held = {name: each.value for name, each in cookies.items()}
        sid, new = held.get("sid"), []
        if not sid:
            sid = secrets.token_hex()
            new.append(f"sid={sid}; Path=/")
        if self.path == "/in":
            KNOWN.add(sid)
            new.append(f"keep={KEY}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax")
        if self.path == "/out":
            KNOWN.discard(sid)
        if self.path == "/":
            new.append("basket=" + ("x" * 5000 if "basket" in held else "x"))
        is_known = sid in KNOWN or held.get("keep") == KEY
        if self.path == "/mine" and is_known:
            new.append("tab=2; Path=/")
        mine = 200 if is_known else 403
        self.send_response({"/in": 200, "/out": 200, "/": 200, "/mine": mine, "/fails": 500}.get(self.path, 404))
        self.send_header("Content-Type", "text/html")
        for each in new:
            self.send_header("Set-Cookie", each)
        self.end_headers()
        self.wfile.write(b"<p>Signed in as Ada</p>" if is_known else b"<p>nobody</p>")
        if self.path == "/in":
            self.wfile.write(b"<script>localStorage.token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2ln'; "
                b"localStorage.theme = 'as the system has it, or dark'; "
                b"sessionStorage.tab = '9f86d081884c7d659a2feaa0c55ad015'</script>")

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SIGNING = """
def signing_in(visitor):
    visitor.goto("/in")

def test_out(visitor):
    visitor.goto("/out")
"""
COMMAND = f"{sys.executable} -S -E site.py {{port}}"
DECLARED = """
def visiting_mine(visitor):
    signing_in(visitor)
    visitor.goto("/mine")


test_lifetimes = prove_lifetimes(
    [
        Lifetime("sid", set_by="/", lasts=WITH_THE_BROWSER),
        Lifetime("keep", set_by=signing_in, lasts=timedelta(days=30), shows="Signed in as Ada"),
        Lifetime("tab", set_by=visiting_mine, lasts=WITH_THE_BROWSER),
        # cookie "basket", set by /, should end with the browser, but is refused by the browser when GET / sets it, """
WARNINGS = [
    'the session cookie "sid" is not protected: scripts can read it. Add HttpOnly to its Set-Cookie.',
    'the session cookie "sid" is not protected: other sites can send it with their forms. Add SameSite=Lax to its ',
    '"basket" of GET / is refused by the browser, since its name and value have 5006 octets, and browsers take 4096. '
    "It goes on with the one that it held before, and what was put into it since is lost.",
    '"sid" has the value after signing_in that it had before: whoever has planted it is signed in too (session ',
    "who came by signing_in is still signed in after the browser was closed and opened again, by "
    '"keep", which lasts 30 days: right only where they asked to be remembered.',
    '"token" in localStorage, which looks like a JWT, outlives the browser\'s close, and any script of the site ',
    'signing_out leaves "token" in localStorage, which looks like a JWT: remove it there, and have the site refuse it ',
    'signing_out leaves "tab" in sessionStorage, which looks like 16 or more random bytes: remove it there, ',
    "a restart of the site signs everyone out, and so does each deploy: ",
    'signing_out signs nobody out: / still shows "Signed in as Ada", by "keep", which is left.',
    "/nowhere answered 404: name another page with --visit, or mend it.",
    "/fails answered 500: name another page with --visit, or mend it.",
]


@pytest.mark.timeout(300)  # it takes a minute where nothing else runs
def test_a_command_that_does_it_wrong(project: Project) -> None:
    (project.folder / "site.py").write_text(BROKEN)
    (project.folder / "signing.py").write_text(SIGNING)
    signs = ("--sign-in", "signing.py:signing_in", "--sign-out", "signing:test_out")
    visits = ("--visit", "/", "/nowhere", "/fails", "/mine")
    code, printed = project.command("cookieproof", "discover", "--command", COMMAND, *visits, *signs)
    assert code == 0, printed
    assert DECLARED in printed
    assert [warning for warning in WARNINGS if f"\n# Warning: {warning}" not in printed] == []
    assert printed.count("# Warning: ") == len(WARNINGS), printed
    assert "from signing import signing_in, test_out as signing_out\n" in printed
    (project.folder / "test_it.py").write_text(printed)
    project.run("--site-command", COMMAND).assert_outcomes(passed=3)
    assert project.left_behind() == []


# What it does right; it tells which paths it was asked for.
THEIRS = """
from datetime import timedelta
from flask import Flask, redirect, request, session

def create_app():
    app = Flask(__name__)
    app.secret_key = "a key for the tests, and for nothing else"
    app.permanent_session_lifetime = timedelta(days=7)
    app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_NAME="sid")

    @app.before_request
    def tell():
        with open("asked", "a") as file:
            print(request.method, request.path, file=file)

    @app.get("/")
    def home():
        if "name" not in session:
            return "<p>nobody</p>"
        return f"<p>Hello</p><p>Signed in as <b>{session['name']}</b></p><a href=/out>Sign out</a>"

    @app.route("/in", methods=["GET", "POST"])
    def sign_in():
        if request.method == "GET":
            return "<form method=post><input name=name><button>Sign in</button></form>"
        session["name"] = request.form["name"]
        response = redirect("/")
        response.set_cookie("name", "Ada", max_age=7 * 24 * 3600)
        return response

    @app.get("/out")
    def sign_out():
        session.clear()
        return redirect("/")

    return app
"""
AS_A_PERSON = """
def signing_in(visitor):
    visitor.goto("/in")
    visitor.page.locator("input").fill("Ada")
    visitor.page.get_by_role("button").click()
    visitor.page.get_by_text("Signed in as").wait_for()

def signing_out(visitor):
    visitor.goto("/")
    visitor.page.get_by_text("Sign out").click()
    visitor.page.get_by_text("nobody").wait_for()
"""
OF_THEIRS = """
test_lifetimes = prove_lifetimes(
    [
        Lifetime("sid", set_by=signing_in, lasts=WITH_THE_BROWSER, deleted_by=signing_out, shows="Signed in as Ada"),
    ]
)


def test_what_signing_in_sets_outlives_the_browser(visitor):
    signing_in(visitor)
    expect_cookie(visitor, "name", "/").to_expire_in(timedelta(days=7))
    visitor.restart()
    expect_cookie(visitor, "name", "/").to_be_sent()


# That they end in time was not proven: http://localhost:"""


@pytest.mark.timeout(300)  # it takes a minute where nothing else runs
def test_a_site_that_somebody_else_runs(project: Project, tmp_path: Path) -> None:
    (project.folder / "app.py").write_text(THEIRS)
    (project.folder / "signing.py").write_text(AS_A_PERSON)
    command = "flask --app app run --port {port}"
    theirs = CommandProcess(command, env={}, cwd=project.folder, timeout=20, folder=tmp_path / "theirs", url="/in")
    try:
        theirs.ensure_as_configured()
        url = f"http://localhost:{theirs.port}"
        signs = ("--sign-in", "signing.py:signing_in", "--sign-out", "signing.py:signing_out")
        code, printed = project.command("cookieproof", "discover", url, *signs)
        assert code == 0, printed
        assert OF_THEIRS in printed
        assert "Warning" not in printed
        asked = (project.folder / "asked").read_text().splitlines()
        assert set(asked) == {"GET /", "GET /in", "POST /in", "GET /out"}
        (project.folder / "test_it.py").write_text(printed)
        project.run("--base-url", url).assert_outcomes(passed=2)
    finally:
        theirs.close()


MISTAKES = """
import pytest

signing = "a text"

def signing_in(visitor): ...
def nobody(): ...
async def later(visitor): ...

@pytest.fixture
def a_fixture(visitor): ...
"""
REFUSED = {
    'discover names "app:create_app" and a --command, which are two sites: leave one out.': Arguments(
        "app:create_app", command="serve {port}"
    ),
    'Name the site: discover "path/or.module:factory", ': Arguments(),
    'discover names "nowhere.py:app", but there is no "nowhere.py" in ': Arguments("nowhere.py:app"),
    '--visit "login" is no path of the site: spell it "/login".': Arguments("x", paths=["login"]),
    "--sign-out s.py:f has nobody to sign out: name who signs in with --sign-in.": Arguments("x", sign_out="s.py:f"),
    '--sign-in "signing.py" names no function: spell it "signing.py:signing_in".': Arguments("x", sign_in="signing.py"),
    '--sign-in "not-there.py:f": no test can import "not-there", so give the file another name.': Arguments(
        "x", sign_in="not-there.py:f"
    ),
    "--sign-in gone.py:f cannot be imported: there is no such module in ": Arguments("x", sign_in="gone.py:f"),
    "--sign-in raises.py:f cannot be imported: ZeroDivisionError: ": Arguments("x", sign_in="raises.py:f"),
    '--sign-in mistakes.py:sining_in: "sining_in" is not there. Did you mean "signing_in"? Define it in mistakes.': (
        Arguments("x", sign_in="mistakes.py:sining_in")
    ),
    "--sign-in mistakes:nobody does not take a visitor as its one argument: write def nobody(visitor), ": Arguments(
        "x", sign_in="mistakes:nobody"
    ),
    "--sign-in mistakes:later is async def, and a visitor is not asynchronous: ": Arguments(
        "x", sign_in="mistakes:later"
    ),
    "--sign-in mistakes:a_fixture is a fixture, and no plain function: ": Arguments("x", sign_in="mistakes:a_fixture"),
    "--sign-in mistakes:signing is no function: write def signing(visitor)": Arguments("x", sign_in="mistakes:signing"),
}


def test_a_mistake_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mistakes.py").write_text(MISTAKES)
    (tmp_path / "raises.py").write_text("1 / 0")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    for text, named in REFUSED.items():
        with pytest.raises(CookieproofError) as refused:
            main(named)
        assert str(refused.value).startswith(text)


BESIDE = """
web_server = {"app": "app:create_app"}
sites = {"idp.example": {"command": "serve {port}"}}
"""


def test_the_sites_beside_it_are_there_as_in_a_run(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("")
    (tmp_path / "playwright.config.py").write_text(BESIDE)
    assert [each.other for each in named_site(tmp_path, "discover", "", "").spec.others] == ["idp.example"]
    (tmp_path / "playwright.config.py").write_text(BESIDE.replace("idp.example", "shop.test"))
    with pytest.raises(CookieproofError, match=r"is to be had as 'shop\.test', but names of this machine"):
        named_site(tmp_path, "discover", "", "")


STEPS = """
def signing_in(visitor):
    visitor.goto("/set")
    assert visitor.page.title() == "Welcome", "nobody is welcome"

def refused(visitor):
    visitor.goto("/nowhere")

def idle(visitor): ...

def closing(visitor):
    visitor.close()
"""
FAILED = {
    "signing_in": "failed at signing_steps.py:4: AssertionError: nobody is welcome. Mend it, or the page that ",
    "refused": "ended at /nowhere, which answered 404. See that it signs in, or mend the site.",
    "idle": "did not visit localhost: have it begin with visitor.goto(…), which knows the host. See that it signs in, ",
    "closing": "failed at signing_steps.py:12: CookieproofError: --sign-in signing_steps:closing: it may visit, ",
}


@pytest.mark.site("../apps/plain.py:create_app", TRUSTED_HOSTS=["localhost"])
def test_a_function_that_fails_is_a_sentence_at_a_site_that_knows_only_its_own_host(
    site: Site, visitor: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "signing_steps.py").write_text(STEPS)
    monkeypatch.setattr(sys, "path", [*sys.path])
    notes: list[str] = []
    warnings = SecurityWarnings(site, notes)
    visits = Visits(site, visitor, ["/set"], warnings.look, signs_in=True)
    visits.find_host()
    assert visits.host == "localhost"
    for name, text in FAILED.items():
        functions = Functions.named(tmp_path, f"signing_steps:{name}", "")
        with pytest.raises(CookieproofError) as failed:
            SignedIn(visits, SuggestedLifetimes(visits.pages, notes), warnings, functions).explore([], {})
        assert str(failed.value).startswith(f"--sign-in signing_steps:{name} {text}")
    assert notes == []


def test_a_url_that_does_not_answer_is_a_sentence(project: Project) -> None:
    with socket.socket() as held:  # what is bound and does not listen keeps its port from everybody else
        held.bind(("127.0.0.1", 0))
        url = f"http://localhost:{held.getsockname()[1]}"
        code, said = project.command("cookieproof", "discover", url)
    assert (code, said.count("\n")) == (1, 1), said
    assert said.startswith(f"{url} does not answer. GET / is answered with 502 by the recorder: ")


def test_two_functions_of_one_name_are_imported_under_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    for module in ("coming", "going"):
        (tmp_path / f"{module}.py").write_text("def main(visitor): ...\n")
    functions = Functions.named(tmp_path, "coming.py:main", "going.py:main")
    assert functions.lines == ["from coming import main", "from going import main as main_out"]
    assert sorted(functions.names.values()) == ["main", "main_out"]
    once = Functions.named(tmp_path, "coming.py:main", "coming.py:main")
    assert once.lines == ["from coming import main"]


def test_a_step_that_fails_where_no_clock_moves_refutes_its_cookies_and_no_more() -> None:
    def failing(visitor: object) -> None:
        raise ZeroDivisionError("by zero")

    ended: list[bool] = []
    visitor = SimpleNamespace(end=lambda: ended.append(True))
    command: Any = SimpleNamespace(
        harness=SimpleNamespace(no_clock="It cannot be moved.", clock=None), new_visitor=lambda site: visitor
    )
    site: Any = SimpleNamespace(only_host="shop.example")
    proven = ProvenLifetimes(command, site, SuggestedLifetimes([], []), [], [])
    lifetime = Lifetime("a", set_by=failing, lasts=timedelta(days=1))
    proven.prove([lifetime])
    assert proven.refuted == {lifetime: "failing failed: ZeroDivisionError: by zero"}
    assert ended == [True]


@pytest.mark.parametrize(
    ("attributes", "is_warned_of"),
    [("SameSite=Lax", False), ("samesite=STRICT", False), ("SameSite=NONE", True), ("SameSite=foo", True), ("", True)],
)
def test_same_site_is_read_as_browsers_read_it(attributes: str, is_warned_of: bool) -> None:
    site: Any = SimpleNamespace(app_info=AppInfo("", None, [], []))
    notes: list[str] = []
    cookie = SetCookie(f"session=1; HttpOnly; Secure; {attributes}")
    asked = Exchange(1, 1, datetime.now(UTC), "GET", "localhost", "/", 200, None, (cookie,), "https")
    SecurityWarnings(site, notes).look([asked], [])
    assert [note for note in notes if "other sites can send it" in note] == notes
    assert bool(notes) is is_warned_of
