"""WSTG-SESS-01: the server, and not the page, decides who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class TheServerDecides(Requirement):
    """Sends a copy without its parts, and with a character of each changed, outside the browser."""

    wstg, name = "WSTG-SESS-01", "the server decides who is signed in"
    asvs, level = "v5.0.0-7.2.1", 1
    sentence = "Without the session, or with a changed one, the server gives nothing private."

    def judge(self, audit: RunningAudit) -> Finding:
        copy = audit.live_copy()
        if audit.opens(copy, only=()):
            return failed("the server gives the private answer to a request without the session.")
        for part in audit.session.parts:
            for changed in changes(copy.value(part) or ""):
                if audit.opens_with(copy, part, changed):
                    return failed(f"the server accepts the {part} with a changed value: {shown(changed)}.")
        return passed()


def changes(value: str) -> list[str]:
    """Return the value with one letter or digit changed: the first, and of what follows a dot the middle and the end.

    The end is the last but one: of the last letter of base64 some bits mean nothing.
    """
    places = [at for at, each in enumerate(value) if each.isalnum() and each.isascii()]
    if not places:
        return [f"{value}x"]
    later = [at for at in places if at > value.rfind(".")] or places
    return [_changed(value, at) for at in dict.fromkeys((places[0], later[len(later) // 2], later[-2:][0]))]


def _changed(value: str, at: int) -> str:
    other = "1" if value[at] != "1" else "2"
    return f"{value[:at]}{other}{value[at + 1 :]}"
