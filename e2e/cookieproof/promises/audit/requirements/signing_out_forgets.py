"""WSTG-SESS-06: the sign-out ends what remembers a person, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class SigningOutForgets(Requirement):
    """Signs in by ``remember``, and sends what outlives the browser after the sign-out, outside it."""

    wstg, name = "WSTG-SESS-06", "signing out ends what remembers"
    asvs, level = "v5.0.0-7.4.1", 1
    sentence = "After the sign-out the server takes no remember-me cookie either."
    needs = ("sign_out", "remember")

    def judge(self, audit: RunningAudit) -> Finding:
        life = audit.remembered.begin()
        copy, kept = life.copy, life.lasting
        still = audit.sign_out()
        if audit.opens(copy, only=kept or None):
            return failed("after the sign-out the server still accepts a copy of what remembers the person.")
        if still:
            return failed(
                f"after the sign-out {audit.person.what} is shown again: what remembers the person has survived."
            )
        return passed()
