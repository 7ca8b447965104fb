"""WSTG-SESS-01: what can be read in a session's value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, passed
from cookieproof.promises.audit.readable import told_by
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import printable

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class AValueTellsNothing(Requirement):
    """Decodes the values as base64, JWT, and signed values of Flask and Django.

    What they tell is information, and no failure: it may be what the site's owner wants.
    """

    wstg, name = "WSTG-SESS-01", "what a session's value tells of the person is known"
    asvs, level = "", 1
    sentence = "Whoever has a session's value, in a log say, can read what it tells of the person."

    def judge(self, audit: RunningAudit) -> Finding:
        shows = audit.account.shows
        names = re.findall(r"[^\W_]{3,}", shows) if isinstance(shows, str) else []
        for part, value in audit.session.values(audit.first.copy).items():
            if told := told_by(value, names):
                return passed(f"information: the {part} can be read {printable(told)}")
        return passed("nothing was read in it, decoded as base64, JWT, Flask's and Django's")
