"""WSTG-SESS-07: the server ends a session that nobody uses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cookieproof.errors import Unsupported
from cookieproof.promises.audit.finding import Finding, failed, not_decidable, passed, warning
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.time_passing import MARGIN
from cookieproof.words import duration, printable

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

STEPS = 12  # in which the page lives through the time, and what it asks for by a timer is asked at least so often


AGAIN = " again: what counts is the sign-in, so somebody busy is signed out."


class IdleSessionsEnd(Requirement):
    """Sends a copy shortly before the end, which is a use, twice, and again shortly after as long a time.

    Only the site's clock moves, so that no cookie can end in the browser. A cookie that has an age of its own, and ends
    before that, is then used in the browser, with both clocks. A page with scripts is left open once more,
    awake, for as long: what it asks for by itself may keep the session alive.
    """

    wstg, name = "WSTG-SESS-07", "an idle session ends"
    asvs, level = "v5.0.0-7.3.1", 2
    sentence = "A session that nobody uses ends after the time that is promised, at the server."
    needs = ("idle",)
    moves_clock = True

    def judge(self, audit: RunningAudit) -> Finding:
        idle = audit.account.idle
        assert idle is not None
        copy, began = audit.signed_in(), audit.clock.now("browser")
        aged = [each for each in audit.visitor.stored_list if each.name in audit.session.cookies and each.expires]
        has_scripts = not audit.visitor.network_idle.is_static()
        absolute = audit.account.absolute
        uses = 2 if not absolute or absolute > 3 * idle else 1
        with audit.time.site_ahead() as site_moves:
            for use in range(uses):
                site_moves(idle - MARGIN)
                used = audit.time.use(copy)
                if used is None:
                    return failed(
                        f"the server has ended the session {duration(MARGIN)} before it has been idle for "
                        f"{duration(idle)}{AGAIN if use else '.'}"
                    )
                copy = used
            if absolute and absolute < 2 * idle + MARGIN:
                return not_decidable("absolute= ends the session before it can be idle for as long again")
            site_moves(idle + MARGIN)
            if audit.time.use(copy) is not None:
                return failed(
                    f"the server still accepts the session {duration(MARGIN)} after it has been idle for "
                    f"{duration(idle)}, whatever the browser does with its cookie."
                )
        if audit.person.look(audit.account.private, expected=False):
            return failed(f"the server has ended the idle session, and yet the browser is shown {audit.person.what}.")
        last = began + uses * (idle - MARGIN)
        if any(each.expires and each.expires < last for each in aged) and (found := self._in_the_browser(audit, uses)):
            return found
        return self._with_the_page_open(audit, idle) if has_scripts else passed()

    def _in_the_browser(self, audit: RunningAudit, uses: int) -> Finding | None:
        """Use the session in the browser, whose cookie has an age of its own; return None if it is kept."""
        idle, private = audit.account.idle, audit.account.private
        assert idle is not None
        audit.sign_in()
        for use in range(uses):
            held = [each for each in audit.visitor.stored_list if each.name in audit.session.cookies]
            audit.clock.advance(seconds=(idle - MARGIN).total_seconds())
            if not audit.person.look(private, expected=True):
                dropped = [str(each) for each in held if each.expires and each.expires < audit.clock.now("browser")]
                why = f": the cookie {' and '.join(dropped)}" if dropped else ""
                return failed(
                    f"the browser has ended the session {duration(MARGIN)} before it has been idle for "
                    f"{duration(idle)}{AGAIN.removesuffix('.') if use else ''}{why}."
                )
        return None

    def _with_the_page_open(self, audit: RunningAudit, idle: timedelta) -> Finding:
        copy = audit.signed_in()
        before = len(audit.visitor.wire)
        try:
            audit.clock.advance(awake=True, step=idle / STEPS, seconds=(idle + MARGIN).total_seconds())
        except Unsupported as why:
            return passed(f"a page that polls would not be seen: {why}")
        audit.note(f"left {printable(audit.account.private)} open, awake, for {duration(idle + MARGIN)}")
        polled = sorted({f"{each.method} {printable(each.path)}" for each in audit.visitor.wire[before:]})
        asks = f"{printable(audit.account.private)} asks by itself for {' and '.join(polled)}"
        if audit.opens(copy):
            return warning(
                f"{asks}, which keeps the session alive as long as the page is open, whoever is away from it."
            )
        return passed(f"{asks}, which does not keep the session alive" if polled else "")
