"""WSTG-SESS-04: no cache between gives a private answer to somebody else."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from cookieproof.promises.audit.finding import Finding, failed, passed
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import printable

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit


class NobodyIsGivenWhatWasPrivate(Requirement):
    """Asks for the same URLs without the session, right after they were answered to the signed-in.

    So it does with one that ends as a style sheet's does, which caches keep.
    """

    wstg, name = "WSTG-SESS-04", "nobody else is given what was private"
    asvs, level = "v5.0.0-14.2.2", 2
    sentence = "No cache gives a private answer to somebody else."

    def judge(self, audit: RunningAudit) -> Finding:
        live = audit.live_copy().exchange
        for found in audit.session.private:
            copy = replace(found, exchange=replace(live, target=found.exchange.target))
            audit.opens(copy)
            if audit.opens(copy, only=()):
                return failed(
                    f"{copy.witness.method} {copy.witness.target} gives somebody without a session the private answer."
                )
        if target := self._taken_for_a_file(audit):
            return failed(
                f"GET {printable(target)} gives somebody without a session the private answer: the site answers it as "
                "the private page, and a cache keeps it as a style sheet."
            )
        return passed()

    def _taken_for_a_file(self, audit: RunningAudit) -> str:
        """Return a URL that ends as a file's does, at which a cache has kept the private page; an empty text if none.

        The attack is known as web cache deception (CWE-525).
        """
        copy = audit.live_copy()
        path = (copy.exchange.target or "/").partition("?")[0].rstrip("/")
        for mark in ("/", ";"):
            unasked, asked = (f"{path}{mark}{secrets.token_hex(4)}.css" for _ in range(2))
            is_private = audit.opens(copy.at(asked)) and not audit.opens(copy.at(unasked), only=())
            if is_private and audit.opens(copy.at(asked), only=()):
                return asked
        return ""
