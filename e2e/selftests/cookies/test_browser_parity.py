"""A Set-Cookie is read as this very browser reads it: name, value, path, domain, partition, expiry and refusal"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis.configuration import set_hypothesis_home_dir
from playwright.sync_api import Browser

from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.parsing_rules import CHROMIUM, DIFFERENCES, FIREFOX, ParsingRules, rules_of
from cookieproof.cookies.refusals import refusals
from selftests.support.browser_parser import Answer, parsed_by
from selftests.support.documents import ROOT
from selftests.support.set_cookie_lines import CASES, Case

set_hypothesis_home_dir(ROOT / "test-results" / "hypothesis")
# Another seed makes other lines, and a line that once failed is kept in KNOWN.
SEED, COUNT = 20261125, {"chromium": 3000, "firefox": 1000}
WITHIN = timedelta(seconds=2)
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
DECLARED = [Case(difference.line.encode()) for difference in DIFFERENCES.values()]
KNOWN = [
    *DECLARED,
    Case(b"==x y"),
    Case(b"=__Hosta=b; Path=/", tld="test"),
    Case(b"a=b", "/'()[]^|\\~/x"),
    Case(b"a=b", "/a%25/"),
    Case(b"a=b; Secure; Partitioned", tld="test"),
    Case(b"a=b; Expires=25 Dec 2026 99:1:1 2:3:4"),
    Case(b"a=b; Max-Age=9223372036854775807x"),
    Case(b"a=b; SameSite=None; SameSite=" + 1025 * b"x"),
]


def read(line: bytes, how: ParsingRules = CHROMIUM) -> SetCookie:
    return SetCookie(line.strip(b" \t").decode(errors="surrogateescape"), how)


def expected(answer: Answer, how: ParsingRules) -> tuple[dict[str, Any] | None, set[str]]:
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


def difference(answer: Answer, engine: str, how: ParsingRules | None = None) -> str:
    """What the parser (or one that reads as ``how``) and the browser do not agree on; an empty text if they do."""
    if not answer.arrived:
        return "the whole response was refused"
    held, kinds = expected(answer, how or rules_of(engine))
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
    off = [name for name in held if not same(name, held[name], theirs[name], answer, engine)]
    return ", ".join(f"{name} is {theirs[name]!r}, the parser says {held[name]!r}" for name in off)


def crossing(line: bytes) -> bytes:
    """What Chromium sends back of a line whose cookie it holds."""
    name, equals, value = (part.strip(b" \t") for part in line.partition(b";")[0].partition(b"="))
    return name + equals + value if name and equals else name + value


def same(field: str, ours: Any, theirs: Any, answer: Answer, engine: str) -> bool:
    if field == "expires" and ours and theirs:
        # On a busy machine the browser may have taken it a while after it was answered.
        return bool(ours - WITHIN <= theirs <= ours + WITHIN + (answer.told - answer.taken))
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
@pytest.mark.timeout(300)  # it takes a minute where nothing else runs
def test_every_line_is_read_as_the_browser_reads_it(browser: Browser) -> None:
    engine = browser.browser_type.name
    cases = KNOWN + generated(COUNT[engine])
    with parsed_by(browser, cases) as each:
        answers = [*each]
    off = [(answer, why) for answer in answers if (why := difference(answer, engine))]
    told = "\n".join(
        f"{answer.line!r} at {answer.host}{answer.target}: {why}"
        for answer, why in sorted(off, key=lambda each: len(each[0].line))[:40]
    )
    assert not off, f"{len(off)} of {len(cases)} lines (seed {SEED}) are read otherwise:\n{told}"
    # The lines are of all kinds: many are taken, and each cause of a refusal is among them.
    ours = [expected(answer, rules_of(engine)) for answer in answers]
    assert sum(held is not None for held, _ in ours) > len(cases) / 4
    assert {*REASONS} <= {kind for _, kinds in ours for kind in kinds}


@pytest.mark.every_engine
def test_each_declared_difference_is_one_and_a_parser_that_reads_otherwise_is_caught(browser: Browser) -> None:
    engine = browser.browser_type.name
    other = FIREFOX if engine == "chromium" else CHROMIUM
    with parsed_by(browser, DECLARED) as answers:
        for answer, (about, declared) in zip(answers, DIFFERENCES.items(), strict=True):
            assert declared.source
            assert not difference(answer, engine), about
            assert difference(answer, engine, other), f"{about}: is no difference any more"
