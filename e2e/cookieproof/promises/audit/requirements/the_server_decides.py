"""WSTG-SESS-01: the server, and not the page, decides who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.changed_values import Change, changes
from cookieproof.promises.audit.copies import Part
from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import shown

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class TheServerDecides(Requirement):
    """Sends a copy without the session, and with a character of its values changed, outside the browser.

    Each field of a value is changed where it differs between two sign-ins. A field that is the same at each sign-in, or
    is a server's name, may be ignored by the site: a load balancer adds and reads it, and it is no secret. That is said
    as information, if the site refuses changes of the rest.
    """

    wstg, name = "WSTG-SESS-01", "the server decides who is signed in"
    asvs, level = "v5.0.0-7.2.1", 1
    sentence = "Without the session, or with a changed one, the server gives nothing private."

    def judge(self, audit: RunningAudit) -> Finding:
        copy = audit.live_copy()
        if audit.opens(copy, only=()):
            if copy.comes_from_a_cache(audit.outside, only=()):
                return failed("a cache gives the private answer to a request without the session.")
            return failed("the server gives the private answer to a request without the session.")
        known, ignored, checked = self._known(audit), dict[tuple[Part, str], Change](), set[Part]()
        for part in audit.session.parts:
            for change in changes(copy.value(part) or "", [each[part] for each in known if part in each]):
                if not audit.opens_with(copy, part, change.value):
                    checked.add(part)
                elif not change.may_be_ignored:
                    return failed(f"the server accepts the {part} with a changed value: {shown(change.value)}.")
                else:
                    ignored[part, change.field] = change
        for (part, _), change in ignored.items():
            if not any(part in each and each & checked for each in audit.session.sets):
                return failed(f"the server accepts the {part} with a changed value: {shown(change.value)}.")
        said = [f'the server ignores "{shown(field)}" in the {part}' for part, field in ignored]
        why = ", as it may: that is no secret (a load balancer's name of a server, say), and the rest is checked"
        return passed(f"information: {' and '.join(said)}{why}" if said else "")

    def _known(self, audit: RunningAudit) -> list[dict[Part, str]]:
        """Return the values of the session at two sign-ins."""
        return [audit.session.values(each) for each in (audit.session.copy, audit.first.copy)]
