"""A Set-Cookie is read as this very browser reads it: name, value, path, domain, partition, expiry and refusal"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis.configuration import set_hypothesis_home_dir
from playwright.sync_api import Browser, BrowserContext

from cookieproof import dates
from cookieproof.reading import CHROMIUM, DIFFERENCES, FIREFOX, Reading, reading
from cookieproof.refusals import refusals
from cookieproof.wire import Exchange, SetCookie
from selftests import raw_server
from selftests.documents import ROOT
from selftests.set_cookie_lines import CASES, Case, date_line

set_hypothesis_home_dir(ROOT / "test-results" / "hypothesis")
# Another seed makes other lines, and a line that once failed is kept in KNOWN.
SEED, COUNT = 20261125, {"chromium": 3000, "firefox": 1500}
BATCH = 150  # browsers keep 180 cookies for a site, and then throw some away
WITHIN = timedelta(seconds=2)
FETCH = """urls => Promise.all(
    urls.map(url => fetch(url, {mode: "no-cors", credentials: "include"}).then(() => true, () => false)))"""
# Chromium's word (Network.SetCookieBlockedReason) for each kind of refusal. Of some it says nothing at all.
REASONS = {
    "control": "DisallowedCharacter",
    "domain": "InvalidDomain",
    "empty": "NoCookieContent",
    "none": "SameSiteNoneInsecure",
    "prefix": "InvalidPrefix",
    "secure": "SecureOnly",
    "size": "NameValuePairExceedsMaxSize",
}
SILENT = {"nameless", "partitioned"}
KNOWN = [Case(difference.line.encode()) for difference in DIFFERENCES.values()]


@dataclass
class Answer:
    """What became of a case: the header lines that were sent, the request, and what the browser made of it."""

    case: Case
    site: str
    host: str
    taken: datetime = dates.EPOCH
    date: datetime | None = None
    target: str = ""
    arrived: bool = False
    reasons: Sequence[str] = ()
    held: Sequence[dict[str, Any]] = ()
    sent_back: bytes | None = None

    @property
    def line(self) -> bytes:
        parent = self.host.partition(".")[2]
        return self.case.line.replace(b"{host}", self.host.encode()).replace(b"{parent}", parent.encode())

    def headers(self, request: raw_server.Request) -> bytes:
        if self.target:
            self.sent_back = request.cookie
            return b""
        self.target, self.taken = request.target, datetime.now(UTC)
        self.date = None if self.case.skew is None else (self.taken + self.case.skew).replace(microsecond=0)
        return date_line(self.case.skew) + b"Set-Cookie: " + self.line + b"\r\n"


def read(line: bytes, how: Reading = CHROMIUM) -> SetCookie:
    return SetCookie(line.strip(b" \t").decode(errors="surrogateescape"), how)


def expected(answer: Answer, how: Reading) -> tuple[dict[str, Any] | None, set[str]]:
    """What the parser says that the browser holds, and the kinds of what it has against it."""
    cookie = read(answer.line, how)
    exchange = Exchange(
        visitor=None,
        life=None,
        time=answer.taken,
        method="GET",
        host=answer.host,
        path=unquote(answer.target),
        status=200,
        cookie=None,
        set_cookies=(cookie,),
    )
    kinds = {refusal.kind for refusal in refusals(exchange, cookie)}
    expires = cookie.held_until(answer.taken, answer.date)
    if kinds or (expires and expires <= answer.taken):
        return None, kinds
    held = {
        "name": cookie.name,
        "value": cookie.value,
        "domain": cookie.domain(answer.host),
        "path": cookie.path(exchange.path),
        "expires": expires,
        "secure": "secure" in cookie.attributes,
        "http_only": "httponly" in cookie.attributes,
        "same_site": cookie.same_site,
        "partition": answer.site if cookie.is_partitioned else None,
    }
    return held, kinds


def in_chromium(cookie: dict[str, Any]) -> dict[str, Any]:
    key = cookie.get("partitionKey")
    return {
        **{name: cookie[name] for name in ("name", "value", "domain", "path", "secure")},
        "http_only": cookie["httpOnly"],
        "expires": None if cookie["session"] else dates.later(dates.EPOCH, cookie["expires"]),
        "same_site": cookie.get("sameSite"),
        "partition": key and key["topLevelSite"],
    }


def in_firefox(cookie: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: cookie[name] for name in ("name", "value", "domain", "path", "secure")},
        "http_only": cookie["httpOnly"],
        "expires": None if cookie["expires"] < 0 else dates.later(dates.EPOCH, cookie["expires"]),
        "same_site": cookie["sameSite"],
        "partition": None,
    }


class Asker:
    """Has a browser take the lines, each from a host of its own."""

    def __init__(self, context: BrowserContext) -> None:
        self._context, self._answers = context, dict[str, Answer]()

    def headers(self, request: raw_server.Request) -> bytes:
        answer = self._answers.get(request.host)
        return answer.headers(request) if answer else b""

    def _fetch(self, port: int, answers: Sequence[Answer]) -> list[bool]:
        urls = [f"http://{answer.host}:{port}{answer.case.path}" for answer in answers]
        done: list[bool] = self._context.pages[0].evaluate(FETCH, urls)
        return done

    def ask(self, cases: Sequence[Case], port: int) -> Iterator[Answer]:
        for tld in sorted({case.tld for case in cases}):
            ours = [case for case in cases if case.tld == tld]
            for start in range(0, len(ours), BATCH):
                yield from self._batch(ours[start : start + BATCH], f"b{start}.{tld}", port)

    def _batch(self, cases: Sequence[Case], site: str, port: int) -> list[Answer]:
        answers = [Answer(case, f"http://{site}", f"x.h{place}.{site}") for place, case in enumerate(cases)]
        self._answers = {answer.host: answer for answer in answers}
        self._context.clear_cookies()
        self._context.pages[0].goto(f"http://{site}:{port}/")
        for answer, arrived in zip(answers, self._fetch(port, answers), strict=True):
            answer.arrived = arrived
        self._fetch(
            port, [answer for answer in answers if "\ufffd" in read(answer.line).name + read(answer.line).value]
        )
        by_parent = defaultdict(list)
        for cookie in self.held():
            by_parent[".".join(cookie["domain"].split(".")[-3:])].append(cookie)
        for answer in answers:
            answer.held, answer.reasons = by_parent[answer.host.removeprefix("x.")], self.reasons(answer.host)
        return answers

    def held(self) -> list[dict[str, Any]]:
        return [in_firefox(dict(cookie)) for cookie in self._context.cookies()]

    def reasons(self, host: str) -> Sequence[str]:
        return ()


class ChromiumAsker(Asker):
    """It tells why it refuses a cookie, too."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__(context)
        assert context.browser
        session = context.new_cdp_session(context.pages[0])
        target = session.send("Target.getTargetInfo")["targetInfo"]
        self._id, self._browser = target["browserContextId"], context.browser.new_browser_cdp_session()
        self._reasons: dict[str, list[str]] = {}
        session.on("Network.responseReceivedExtraInfo", self._hear)
        session.send("Network.enable")

    def _hear(self, event: dict[str, Any]) -> None:
        blocked = [reason for each in event["blockedCookies"] for reason in each["blockedReasons"]]
        self._reasons.setdefault(event["headers"].get("X-Host", ""), blocked)

    def headers(self, request: raw_server.Request) -> bytes:
        return super().headers(request) + f"X-Host: {request.host}\r\n".encode()

    def held(self) -> list[dict[str, Any]]:
        cookies = self._browser.send("Storage.getCookies", {"browserContextId": self._id})["cookies"]
        return [in_chromium(cookie) for cookie in cookies]

    def reasons(self, host: str) -> Sequence[str]:
        return self._reasons.get(host, ())


@contextmanager
def asked(browser: Browser, cases: Sequence[Case]) -> Iterator[Iterator[Answer]]:
    is_chromium = browser.browser_type.name == "chromium"
    asker: Asker
    with raw_server.serving(lambda request: asker.headers(request)) as port:
        proxy = None if is_chromium else {"server": f"http://127.0.0.1:{port}"}  # for names that do not resolve
        context = browser.new_context(proxy=proxy)  # type: ignore[arg-type]
        context.new_page()
        asker = ChromiumAsker(context) if is_chromium else Asker(context)
        yield asker.ask(cases, port)
        context.close()


def difference(answer: Answer, engine: str, how: Reading | None = None) -> str:
    """What the parser (or one that reads as ``how``) and the browser do not agree on; an empty text if they do."""
    held, kinds = expected(answer, how or reading(engine))
    said = {*answer.reasons}
    foreseen = {REASONS.get(kind, "") for kind in kinds}
    theirs = answer.held[0] if answer.held else None
    if engine == "chromium" and (not said <= foreseen or (kinds and not kinds & SILENT and not said)):
        return f"refused for {said or 'nothing'}, the parser says {kinds or 'nothing'}"
    if (held is None) != (theirs is None) or len(answer.held) > 1:
        return f"held: {answer.held}, the parser says {held or kinds}"
    if held is None or theirs is None:
        return ""
    if answer.sent_back is not None and engine == "chromium" and answer.sent_back != crossing(answer.line):
        return f"sent back: {answer.sent_back!r}"
    off = [name for name in held if not same(name, held[name], theirs[name], engine)]
    return ", ".join(f"{name} is {theirs[name]!r}, the parser says {held[name]!r}" for name in off)


def crossing(line: bytes) -> bytes:
    """What Chromium sends back of a line whose cookie it holds."""
    name, equals, value = (part.strip(b" \t") for part in line.partition(b";")[0].partition(b"="))
    return name + equals + value if name and equals else name + value


def same(field: str, ours: Any, theirs: Any, engine: str) -> bool:
    if field == "expires" and ours and theirs:
        return bool(abs(ours - theirs) <= WITHIN)
    if engine == "firefox" and field == "name":  # its driver takes the octets of a name for Latin-1
        theirs = theirs.encode("latin-1").decode(errors="replace")
    if engine == "firefox" and field in ("partition", "same_site"):  # it tells no partition, and "Lax" for left out
        return field == "partition" or theirs == (ours or "Lax")
    if engine == "chromium" and isinstance(ours, str) and "\ufffd" in ours:
        return True  # it tells nothing sure of what is no UTF-8, which is compared as it sends it
    return bool(ours == theirs)


def generated(count: int) -> list[Case]:
    cases: list[Case] = []

    @seed(SEED)
    @hypothesis.settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(CASES)
    def collect(case: Case) -> None:
        cases.append(case)

    collect()
    return cases


@pytest.mark.every_engine
def test_every_line_is_read_as_the_browser_reads_it(browser: Browser) -> None:
    engine = browser.browser_type.name
    cases = KNOWN + generated(COUNT[engine])
    with asked(browser, cases) as answers:
        off = [(answer, why) for answer in answers if (why := difference(answer, engine))]
    told = "\n".join(
        f"{answer.line!r} at {answer.host}{answer.target}: {why}"
        for answer, why in sorted(off, key=lambda each: len(each[0].line))[:40]
    )
    assert not off, f"{len(off)} of {len(cases)} lines (seed {SEED}) are read otherwise:\n{told}"


@pytest.mark.every_engine
def test_each_declared_difference_is_one_and_a_parser_that_reads_otherwise_is_caught(browser: Browser) -> None:
    engine = browser.browser_type.name
    other = FIREFOX if engine == "chromium" else CHROMIUM
    with asked(browser, KNOWN) as answers:
        for answer, (about, declared) in zip(answers, DIFFERENCES.items(), strict=True):
            assert declared.source
            assert not difference(answer, engine), about
            assert difference(answer, engine, other), f"{about}: is no difference any more"
