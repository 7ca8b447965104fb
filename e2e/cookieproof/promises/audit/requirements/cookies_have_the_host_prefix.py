"""WSTG-SESS-02: no other host of the site can set the session's cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import quoted_names
from cookieproof.promises.audit.finding import Finding, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class CookiesHaveTheHostPrefix(Requirement):
    """What ``shared_with`` names is shared by design. A missing prefix is a warning: it is defence in depth."""

    wstg, name = "WSTG-SESS-02", "the session's cookies begin with __Host-"
    asvs, level = "v5.0.0-3.3.3", 2
    sentence = "Cookies begin with __Host-, but for those that are shared with other hosts by design."

    def judge(self, audit: RunningAudit) -> Finding:
        names = [each.name for _, each in audit.judged_cookies() if not each.name.startswith("__Host-")]
        names = [each for each in names if each not in audit.account.shared_with]
        if names:
            return warning(
                f"the name of {quoted_names(names)} does not begin with __Host-, so another host of the site can set "
                "it; name in shared_with= what is shared by design."
            )
        return passed()
