"""What once passed at a broken site fails there, and passes at a right one"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from cookieproof import Clock, CookieproofError, NewVisitor, Site
from cookieproof.promises.audit import outside
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.requirements import an_invented_value_is_not_adopted
from cookieproof.promises.audit.requirements.an_invented_value_is_not_adopted import (
    AnInventedValueIsNotAdopted,
    of_the_shape_of,
)
from selftests.support.audited import declared
from selftests.support.requirements import (
    ANOTHER,
    CACHED,
    COPIES,
    DECIDES,
    FORGED,
    GUESSED,
    INVENTED,
    NONE,
    NOT_REMEMBERED,
    OTHER,
    PASSWORD,
    PLAIN,
    PREFIX,
    QUICK,
    SAME_SITE,
    SCRIPTS,
    SECURE,
    URL,
    VERIFIED,
    told,
)

pytestmark = [pytest.mark.site("../../apps/audited.py:create_app"), pytest.mark.timeout(300)]
TOKEN = 'failed: the token in the cookie "__Host-id" is accepted with'
# By what the site breaks: the rows that are judged there, and how what is found begins.
BROKEN: dict[str, dict[str, str]] = {
    "bare-remember--same-remember--jwt--empty-signature.api-outlives-sign-out.password-ends-newest": {
        SECURE: 'failed: the cookie "remember" is held without Secure',
        SAME_SITE: 'failed: the cookie "remember" is set without SameSite',
        PREFIX: 'warning: the name of "remember" does not begin with __Host-',
        SCRIPTS: 'failed: the cookie "remember" is held without HttpOnly',
        OTHER: 'failed: two sign-ins gave the same cookie "remember": ada-0000',
        GUESSED: 'failed: the value of the cookie "remember" can be guessed: one value came twice (2 values',
        VERIFIED: f"{TOKEN} an empty signature",
        NONE: 'failed: the token in the cookie "__Host-id" is accepted without a signature',
        COPIES: "failed: after the sign-out the server still answers GET /orders as it does to",
        PASSWORD: "warning: another session lives on after the password was changed, the oldest of two.",
    },
    "jwt--empty-key--short-remember--remember-in-page.password-keeps-remember": {
        VERIFIED: f"{TOKEN} the signature of an empty key",
        GUESSED: 'failed: the value of the cookie "__Host-remember" can be guessed: what differs',
        SCRIPTS: "failed: the value by which a person is remembered stands in the body of GET /account",
        PASSWORD: 'warning: what remembers the person in another browser, "__Host-remember", signs in after the',
    },
    "jwt--begins-alike": {
        VERIFIED: f"{TOKEN} a signature whose middle octet is changed",
        DECIDES: 'failed: the server accepts the cookie "__Host-id" with a changed value',
    },
    "jwt--ends-alike": {VERIFIED: f"{TOKEN} a signature whose first octet is changed"},
    "half--suffix--remember-in-url": {
        DECIDES: 'failed: the server accepts the cookie "__Host-id" with a changed value',
        URL: "failed: the value by which a person is remembered stands in the Location of POST /login",
    },
    "path-parameter--taken-for-a-file.json-of-any-type--samesite-none": {
        URL: "failed: the server accepts the session's value in the path, as ;jsessionid=",
        CACHED: "failed: GET /account/",
        PLAIN: "failed: the form as JSON in text/plain from another site is accepted: it has changed",
    },
    "origin-begins-alike.escaped--value-in-attribute": {
        FORGED: "warning: only the cookie's SameSite keeps the form without its token of another site",
        SCRIPTS: "failed: the session's value stands in the body of GET /account",
    },
    "origin-begins-alike--samesite-none.escaped--value-in-url": {
        FORGED: "failed: the form without its token from another site is accepted, once the name of its host",
        URL: "failed: the session's value stands in the Location of POST /login",
    },
    # With a stream of events, which is not sent again and breaks nothing.
    "adopts-shape--events": {
        INVENTED: 'failed: the cookie "__Host-id" has the value that was planted before the sign-in',
        COPIES: "passed",
        ANOTHER: "passed",
    },
}


def test_each_site_fails_in_what_it_breaks(site: Site, new_visitor: NewVisitor, clock: Clock) -> None:
    visitor, said = new_visitor(), {}
    for name, rows in BROKEN.items():
        asked = [each for each in QUICK if each.name.startswith(tuple(rows))]
        account = declared(name, **({} if "remember" in name else NOT_REMEMBERED))
        found = told(audit(account, site, lambda: visitor, clock, requirements=asked))
        said[name] = _wrong(rows, found)
    assert not any(said.values()), json.dumps(said, indent=1)


def _wrong(rows: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """What was found in these rows, where it does not begin as it should."""
    by_row = {row: next((text for name, text in found.items() if name.startswith(row)), "passed") for row in rows}
    return {row: text for row, text in by_row.items() if not text.startswith(rows[row])}


@pytest.fixture
def endless() -> Iterator[int]:
    """Gives the port of a site whose answer never ends: an octet now and then."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while not stopped.wait(0.05):
                    connection.sendall(b".")

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        stopped.set()
        thread.join()


class OnePort:
    """What a site is to ``Outside``: the port of its recorder."""

    def __init__(self, port: int) -> None:
        self._port = port

    def proxy(self, *_: int) -> int:
        return self._port


def test_an_answer_without_an_end_is_not_waited_for(endless: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "ASK_SECONDS", 0.3)
    asking = outside.Outside(OnePort(endless))  # type: ignore[arg-type]
    with pytest.raises(CookieproofError, match=r"GET .* was not answered outside the browser: "):
        asking.ask("GET", "http://shop.localhost", "/events", ())


@pytest.fixture
def hinting() -> Iterator[int]:
    """Gives the port of a site that answers each request with early hints, which a browser skips, and then itself."""

    class Recorder(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            for status, body in (103, b""), (102, b""), (200, self.path.encode()):
                self.send_response(status)
                self.send_header(*(("Content-Length", str(len(body))) if body else ("Link", "</style.css>")))
                self.end_headers()
                self.wfile.write(body)

    with HTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_an_interim_answer_is_not_the_answer(hinting: int) -> None:
    with contextlib.closing(outside.Outside(OnePort(hinting))) as asking:  # type: ignore[arg-type]
        for target in ("/first", "/second"):
            answer = asking.ask("GET", "http://shop.localhost", target, ())
            assert (answer.status, answer.body) == (200, f"http://shop.localhost{target}")
            assert answer.header("link") == ""


@pytest.fixture
def closing() -> Iterator[tuple[int, list[str]]]:
    """Gives the port of a recorder that closes its first connection at the second request, and what it was asked."""
    asked: list[str] = []

    class Recorder(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(self.path)
            if len(asked) == 2:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    with HTTPServer(("127.0.0.1", 0), Recorder) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port, asked
        server.shutdown()
        thread.join()


def test_a_connection_that_is_closed_before_it_answers_is_opened_anew(closing: tuple[int, list[str]]) -> None:
    """As browsers do it: what the recorder closed without an answer has not been read."""
    port, asked = closing
    asking = outside.Outside(OnePort(port))  # type: ignore[arg-type]
    for target in ("/first", "/second", "/third"):
        assert asking.ask("POST", "http://shop.localhost", target, (), b"color=1").body == "ok"
    asking.close()
    assert [each.removeprefix("http://shop.localhost") for each in asked] == ["/first", "/second", "/second", "/third"]


def test_an_invented_value_is_none_of_the_sites() -> None:
    assert re.fullmatch("s:[0-9a-f]{2}4[0-9a-f]{5}", invented := of_the_shape_of("s:1f4b0c9d", "s:2a4c1d8e"))
    assert invented != "s:1f4b0c9d"
    assert of_the_shape_of("Ada|0bf1d450", "Ada|0bf1d450") != "Ada|0bf1d450"  # the same at each sign-in


@pytest.mark.parametrize(
    ("breaks", "by_chance"),
    [("counter.keeps-first-session", lambda last: last), ("counter", lambda last: last + 14)],
    ids=["another session's", "the next session's"],
)
def test_an_invented_value_that_the_site_has_made_is_not_adopted(
    breaks: str,
    by_chance: Callable[[int], int],
    site: Site,
    new_visitor: NewVisitor,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The site counts: each visit of its form and each sign-in adds 7."""
    invented: list[str] = []

    def invent(one: str, other: str) -> str:
        last = int(other.removeprefix("session"))
        invented.append(f"session{9999 if invented else by_chance(last)}")
        return invented[-1]

    monkeypatch.setattr(an_invented_value_is_not_adopted, "of_the_shape_of", invent)
    assert told(audit(declared(breaks), site, new_visitor, clock, requirements=[AnInventedValueIsNotAdopted()])) == {}
    assert len(invented) == 2
