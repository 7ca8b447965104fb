"""WSTG-SESS-04: browsers store no private answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import answered, text_of
from cookieproof.promises.audit.copies import parts_of
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed
from cookieproof.promises.audit.renewals import raw_pairs
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.session import ASKED_FOR_ITSELF
from cookieproof.promises.audit.texts import says
from cookieproof.words import printable

if TYPE_CHECKING:
    from cookieproof.cookies.exchange import Exchange
    from cookieproof.promises.audit.running_audit import RunningAudit


class PrivateAnswersAreNotStored(Requirement):
    """Reads the headers of all answers of which somebody without the session gets others: redirects too."""

    wstg, name = "WSTG-SESS-04", "private answers are not stored"
    asvs, level = "v5.0.0-14.3.2", 2
    sentence = "Answers that only the signed-in get say Cache-Control: no-store."

    def judge(self, audit: RunningAudit) -> Finding:
        if not audit.session.private:
            return self._of_page(audit)
        for copy in audit.session.private:
            said = copy.witness.live.header("cache-control")
            if "no-store" not in said.lower():
                lines = [f"Cache-Control: {said or 'none'}"]
                return failed(
                    f"the answer to {copy.witness.method} {copy.witness.target} is private and not no-store.", lines
                )
        for exchange in audit.first.exchanges:
            if "no-store" not in (said := answered(exchange, "cache-control")).lower() and is_private(exchange, audit):
                lines = [f"Cache-Control: {said or 'none'}"]
                return failed(f"the answer of {exchange} is private and not no-store.", lines)
        return passed()

    def _of_page(self, audit: RunningAudit) -> Finding:
        """Judge the page that told in the browser who is signed in, where no copy can be sent."""
        copy = audit.session.copy
        said = copy.witness.live.header("cache-control")
        if "no-store" in said.lower():
            return passed(f"the answers beside {printable(copy.witness.target)} were not looked at: {audit.no_copies}")
        shows, live = audit.account.shows, copy.witness.live
        if isinstance(shows, str) and says(shows, live.body, live.content_type):
            return failed(
                f"the answer to {copy.witness.method} {copy.witness.target} is private and not no-store.",
                [f"Cache-Control: {said or 'none'}"],
            )
        return not_decidable(audit.no_copies)


def is_private(exchange: Exchange, audit: RunningAudit) -> bool:
    """Whether only the signed-in get this answer, which was given on the way: it shows who, or others get no page."""
    first, outside = audit.first.copy, audit.outside
    copy = replace(first, exchange=exchange, parts=parts_of(exchange))
    # Of values that change with each request the last is compared.
    values = {(part.name, value) for part, value in audit.session.values(first.renewed(outside)).items()}
    has_session = not values.isdisjoint(raw_pairs(copy.renewed(outside).exchange))
    if exchange.method != "GET" or exchange.fetch_dest in ASKED_FOR_ITSELF or not has_session:
        return False
    shows = audit.account.shows
    if isinstance(shows, str) and says(shows, text_of(exchange), answered(exchange, "content-type").lower()):
        return True
    return exchange.status == 200 and copy.sent(outside, only=()).status >= 300
