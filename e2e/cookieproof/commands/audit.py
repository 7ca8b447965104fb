"""``python -m cookieproof audit``: audits the sessions of a site, without a test, and prints what was found."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cookieproof.browser.chromium import CHROMIUM
from cookieproof.commands.discover.functions import failures, found_in, module_of
from cookieproof.commands.named_site import named_site
from cookieproof.errors import CookieproofError
from cookieproof.harness import harness_for
from cookieproof.promises.audit.account import Account
from cookieproof.promises.audit.audit import audit
from cookieproof.promises.audit.finding import Finding, outcomes_in_words
from cookieproof.promises.audit.judging import NOTHING_PASSED, Asked
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.prove import why_no_clock

WIDTH, INDENT = 120, 15


@dataclass(frozen=True)
class Arguments:
    """The arguments of the command line; empty or None if not given. ``level`` is that of ASVS.

    ``accept`` are texts like ``"v5.0.0-3.3.3=shared with the help desk"``.
    """

    account: str
    site: str = ""
    command: str = ""
    level: int = 2
    attempts: int | None = None
    accept: Sequence[str] = ()
    strict: bool = False


def main(named: Arguments) -> int:
    """Print the outcome of each requirement, and return the exit code: 0 if one passed and none failed, else 1.

    Raises ``CookieproofError`` if the account or the site cannot be found.
    """
    root = Path.cwd()
    wanted = Asked(named.level, dict(map(_accepted, named.accept)), named.strict, named.attempts)
    account, requirements = _account(root, named.account), wanted.requirements
    asked = named_site(root, "audit", named.site, named.command)
    with harness_for(CHROMIUM) as command:
        site, clock = command.harness.site(asked.spec), command.harness.clock
        with clock.on_move(check=site.check_clock, before=site.await_exchanges, after=site.note_move):
            found = audit(
                account,
                site,
                partial(command.new_visitor, site),
                clock,
                requirements=requirements,
                no_clock=command.harness.no_clock or why_no_clock(site),
                attempts=named.attempts,
                failures=failures(),
                tell=Progress(len(requirements)),
            )
    judged = wanted.judged({each: found[each.test_name] for each in requirements})
    print("\n".join(table(requirements, judged)))
    outcomes = {each.outcome for each in judged.values()}
    if "passed" not in outcomes:
        print(NOTHING_PASSED)
    return int("failed" in outcomes or "passed" not in outcomes)


class Progress:
    """Writes a line for each requirement as soon as it is judged, where a person watches: at a terminal."""

    def __init__(self, total: int) -> None:
        self._number, self._total = 0, total

    def __call__(self, requirement: Requirement, finding: Finding) -> None:
        self._number += 1
        if sys.stderr.isatty():
            said = f"{self._number}/{self._total} {requirement.test_name}: {finding.outcome}"
            print(said, file=sys.stderr, flush=True)


def table(requirements: Sequence[Requirement], found: Mapping[str, Finding]) -> list[str]:
    """Return the lines: each requirement with its outcome and source, and what was found."""
    lines = []
    for each in sorted(requirements, key=lambda each: each.test_name):
        finding = found[each.test_name]
        lines.append(f"{finding.outcome:{INDENT}}{each.test_name} ({each.source})")
        if finding.text:
            first, *rest = finding.text.splitlines()
            lines += textwrap.wrap(first, WIDTH, initial_indent=" " * INDENT, subsequent_indent=" " * INDENT)
            lines += [f"{'':{INDENT}}{line}" for line in rest]
    return [*lines, outcomes_in_words(each.outcome for each in found.values())]


def _accepted(spelled: str) -> tuple[str, str]:
    name, equals, reason = spelled.partition("=")
    if not equals:
        raise CookieproofError(
            f'audit --accept "{spelled}" gives no reason: spell it "v5.0.0-3.3.3=shared with the help desk".'
        )
    return name.strip(), reason.strip()


def _account(root: Path, spelled: str) -> Account:
    place, _, name = spelled.rpartition(":")
    if not place or not name.isidentifier():
        raise CookieproofError(f'audit "{spelled}" names no account: spell it "signing.py:ACCOUNT".')
    account = found_in("audit", spelled, *module_of(root, place), name, "ACCOUNT")
    if not isinstance(account, Account):
        raise CookieproofError(f"audit {spelled} is no Account: write {name} = Account(…) there.")
    return account
