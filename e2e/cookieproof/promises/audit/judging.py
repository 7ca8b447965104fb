"""What a user asks of an audit: which level, what is accepted, and whether a warning fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cookieproof.errors import CookieproofError, did_you_mean
from cookieproof.promises.audit.audit import chosen
from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.words import quoted

__tracebackhide__ = True  # a failure points at the line of the test

LEVELS = (1, 2, 3)
FEWEST_ATTEMPTS = 2
NOTHING_PASSED = "No requirement passed, so nothing is proven of the session: read why each was not asked or decided."


@dataclass(frozen=True)
class Asked:
    """``accept`` has reasons by ASVS id or by the requirement's name; ``attempts`` is how many sign-ins there may be.

    Raises ``CookieproofError`` for what cannot be asked.
    """

    level: int = 2
    accept: Mapping[str, str] = dataclasses.field(default_factory=dict)
    strict: bool = False
    attempts: int | None = None

    def __post_init__(self) -> None:
        level, attempts = self.level, self.attempts
        if isinstance(level, bool) or not isinstance(level, int) or level not in LEVELS:
            raise CookieproofError(f"audit_sessions: level={quoted(level)} is no level of ASVS: choose 1, 2 or 3.")
        if attempts is not None and (
            isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < FEWEST_ATTEMPTS
        ):
            raise CookieproofError(
                f"audit_sessions: attempts={quoted(attempts)} is too few: an audit signs in at least 2 times."
            )
        if not isinstance(self.strict, bool):
            raise CookieproofError(f"audit_sessions: strict={quoted(self.strict)} is not True or False.")
        if not isinstance(self.accept, Mapping):
            raise CookieproofError(
                f"audit_sessions: accept={quoted(self.accept)} gives no reasons: spell it "
                'accept={"v5.0.0-3.3.3": "shared with the help desk"}.'
            )
        names = {name for each in self.requirements for name in _names(each)}
        for name, reason in self.accept.items():
            if name not in names:
                raise CookieproofError(
                    f"audit_sessions: accept names {quoted(name)}, which is not asked at level {level}."
                    f"{did_you_mean(str(name), names)}"
                )
            if not isinstance(reason, str) or not reason.strip():
                raise CookieproofError(
                    f"audit_sessions: accept[{quoted(name)}] gives no reason: say why it is accepted."
                )

    @property
    def requirements(self) -> list[Requirement]:
        """What is asked at this level."""
        return chosen(self.level)

    def judged(self, found: Mapping[Requirement, Finding]) -> dict[str, Finding]:
        """Return the findings, by the requirements' names, as the user wants them judged."""
        needed = {name for each, finding in found.items() if finding.outcome != "passed" for name in _names(each)}
        return {each.test_name: self._judged(each, finding, needed) for each, finding in found.items()}

    def _judged(self, requirement: Requirement, finding: Finding, needed: Collection[str]) -> Finding:
        """``needed`` are ids and names with a requirement that has not passed: several may have one id."""
        was = finding.outcome  # before the user is told that the reason is not needed
        for name in _names(requirement):
            if name not in self.accept:
                continue
            if was in ("failed", "warning"):
                text = f"accepted: {self.accept[name]}\n{finding.text}"
                return dataclasses.replace(finding, outcome="accepted", text=text)
            if was == "passed" and name not in needed and not finding.untried:
                kept = f"kept, so accept[{quoted(name)}] is not needed any more: leave it out"
                finding = dataclasses.replace(finding, outcome="warning", text=kept)
        if self.strict and finding.outcome == "warning":
            finding = dataclasses.replace(finding, outcome="failed")
        if finding.outcome == "failed":
            source = f"{requirement.source}: {requirement.sentence}"
            return dataclasses.replace(finding, text=f"{finding.text}\n    {'required:':<11}{source}")
        return finding


def nothing_passed(outcomes: Iterable[str]) -> bool:
    """Whether an audit proves nothing: none of its requirements passed, and none failed or warned."""
    return not {*outcomes} & {"passed", "failed", "warning", "accepted"}


def _names(requirement: Requirement) -> list[str]:
    """Return what a requirement may be accepted by."""
    return [each for each in (requirement.asvs, requirement.test_name, requirement.name) if each]
