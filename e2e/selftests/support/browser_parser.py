"""Sends ``Set-Cookie`` lines to a browser, and reads which cookie it has stored of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from cookieproof.cookies import dates
from selftests.support import raw_server
from selftests.support.set_cookie_lines import Case

NOW = datetime.now(UTC)
# Of the next December, whose first days are neither over nor more than 400 days away: no cookie is held for longer.
YEAR = NOW.year + (datetime(NOW.year, 11, 30, tzinfo=UTC) <= NOW)
BATCH = 150  # browsers keep 180 cookies for a site, and then throw some away
FETCH = """urls => Promise.all(
    urls.map(url => fetch(url, {mode: "no-cors", credentials: "include"}).then(() => true, () => false)))"""


@dataclass
class Answer:
    """What became of a case.

    It was answered at ``taken``, and the browser had it by ``told``. ``held`` is what it holds
    of it, ``reasons`` why it does not, ``sent_back`` the Cookie header if it was asked again.
    """

    case: Case
    site: str
    host: str
    taken: datetime = dates.EPOCH
    told: datetime = dates.EPOCH
    date: datetime | None = None
    target: str = ""
    arrived: bool = False
    reasons: Sequence[str] = ()
    held: Sequence[dict[str, Any]] = ()
    sent_back: bytes | None = None

    @property
    def line(self) -> bytes:
        parent = self.host.partition(".")[2]
        line = self.case.line.replace(b"{host}", self.host.encode()).replace(b"{parent}", parent.encode())
        return line.replace(b"{year}", str(YEAR).encode())

    def headers(self, request: raw_server.Request) -> bytes:
        if self.target:
            self.sent_back = request.cookie
            return b""
        self.target, self.taken = request.target, datetime.now(UTC)
        lines = b"Set-Cookie: " + self.line + b"\r\n"
        if self.case.skew is None:
            return lines
        self.date = (self.taken + self.case.skew).replace(microsecond=0)
        return f"Date: {self.date:%a, %d %b %Y %H:%M:%S} GMT\r\n".encode() + lines


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


class BrowserParser:
    """Sends each line to a browser from a host of its own, and reads what the browser stored."""

    def __init__(self, context: BrowserContext) -> None:
        self._context, self._answers = context, dict[str, Answer]()

    def headers(self, request: raw_server.Request) -> bytes:
        answer = self._answers.get(request.host)
        return answer.headers(request) if answer else b""

    def _fetch(self, port: int, answers: Sequence[Answer]) -> list[bool]:
        urls = [f"http://{answer.host}:{port}{answer.case.path}" for answer in answers]
        done: list[bool] = self._context.pages[0].evaluate(FETCH, urls)
        return done

    def parse(self, cases: Sequence[Case], port: int) -> Iterator[Answer]:
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
            answer.arrived, answer.told = arrived, datetime.now(UTC)
        # What is no UTF-8 cannot be told by Chromium's driver: it shows in what is sent.
        self._fetch(port, [answer for answer in answers if not _is_text(answer.line)])
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


class ChromiumParser(BrowserParser):
    """The same in Chromium, which also says why it refuses a cookie."""

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
def parsed_by(browser: Browser, cases: Sequence[Case]) -> Iterator[Iterator[Answer]]:
    is_chromium = browser.browser_type.name == "chromium"
    parser: BrowserParser
    with raw_server.serving(lambda request: parser.headers(request)) as port:
        context = browser.new_context(proxy={"server": f"http://127.0.0.1:{port}"})  # for names that do not resolve
        context.new_page()
        parser = ChromiumParser(context) if is_chromium else BrowserParser(context)
        yield parser.parse(cases, port)
        context.close()


def _is_text(line: bytes) -> bool:
    """Whether name and value are UTF-8."""
    try:
        line.partition(b";")[0].decode()
    except UnicodeError:
        return False
    return True
