"""WSTG-SESS-07: the server ends a session that is used all the while."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.renewals import raw_pairs
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.time_passing import MARGIN
from cookieproof.words import duration

if TYPE_CHECKING:
    from cookieproof.promises.audit.copies import Copy
    from cookieproof.promises.audit.running_audit import RunningAudit

FEWEST_USES = 4


class SessionsInUseEnd(Requirement):
    """Uses a copy again and again until shortly before the end, and once more shortly after it.

    Half-way, and shortly before the end, the browser visits ``private``, too: a script of the page may renew it.
    Only the site's clock moves, so that no cookie can end in the browser; what the site sets anew is taken over.
    """

    wstg, name = "WSTG-SESS-07", "a session in use ends"
    asvs, level = "v5.0.0-7.3.2", 2
    sentence = "A session ends after the time that is promised, however much it is used."
    needs = ("absolute",)
    moves_clock = True

    def judge(self, audit: RunningAudit) -> Finding:
        absolute = audit.account.absolute
        assert absolute is not None
        ends, used = audit.clock.now() + absolute, audit.signed_in()
        ends_by = audit.clock.now() + absolute  # only the site knows at which second of the sign-in it began
        middle, is_visited = audit.clock.now() + absolute / 2, False
        step = min(audit.account.idle or absolute, absolute / FEWEST_USES) * 0.8
        with audit.time.site_ahead() as site_moves:
            while (left := ends - MARGIN - audit.clock.now()) > timedelta(0):
                site_moves(min(step, left))
                # At the last moment, too: a script may renew what ends soon.
                if (not is_visited and audit.clock.now() >= middle) or left <= step:
                    used, is_visited = self._visited(audit, used), True
                renewed = audit.time.use(used)
                if renewed is None:
                    return failed(
                        f"the server has ended the session {duration(left - min(step, left) + MARGIN)} before its end."
                    )
                used = renewed
            site_moves(ends_by + MARGIN - audit.clock.now())
            if audit.time.use(used) is not None:
                return failed(
                    f"the server still accepts the session {duration(MARGIN)} after {duration(absolute)}, since it "
                    "was used all the while."
                )
        return passed()

    def _visited(self, audit: RunningAudit, used: Copy) -> Copy:
        """Visit ``private`` with the browser, whose scripts may renew the session; return the copy as it is then."""
        sent = [name for name, _ in raw_pairs(used.exchange)]
        once = [name for name in audit.session.cookies if sent.count(name) == 1]  # two of one name are two
        values = {name: value for name, value in raw_pairs(used.exchange) if name in once}
        audit.visitor.context.add_cookies(
            [
                {
                    **{"name": each.name, "value": values[each.name], "url": f"{audit.person.origin}{each.path}"},
                    **{"secure": each.secure, "httpOnly": each.http_only},
                    **({"expires": each.expires.timestamp()} if each.expires else {}),
                }
                for each in audit.visitor.stored_list
                if values.get(each.name, each.value) != each.value
            ]
        )
        if not audit.person.look(audit.account.private, expected=True):
            return used
        held = {each.name: each.value or "" for each in audit.visitor.stored_list if sent.count(each.name) < 2}
        return audit.copy(works=False).having(held)
