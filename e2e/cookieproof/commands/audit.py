"""``python -m cookieproof audit``: audits the sessions of a site, without a test, and prints what was found."""

from __future__ import annotations

import textwrap
from collections import Counter
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
from cookieproof.promises.audit.audit import audit, chosen
from cookieproof.promises.audit.finding import OUTCOMES, Finding
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.prove import why_no_clock

WIDTH, INDENT = 120, 15


@dataclass(frozen=True)
class Arguments:
    """The arguments of the command line; empty or None if not given. ``level`` is that of ASVS."""

    account: str
    site: str = ""
    command: str = ""
    level: int = 2
    attempts: int | None = None


def main(named: Arguments) -> int:
    """Print the outcome of each requirement, and return the exit code: 1 if one failed, else 0.

    Raises ``CookieproofError`` if the account or the site cannot be found.
    """
    root = Path.cwd()
    account = _account(root, named.account)
    asked, requirements = named_site(root, "audit", named.site, named.command), chosen(named.level)
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
            )
    print("\n".join(table(requirements, found)))
    return int(any(each.outcome == "failed" for each in found.values()))


def table(requirements: Sequence[Requirement], found: Mapping[str, Finding]) -> list[str]:
    """Return the lines: each requirement with its outcome and source, and what was found."""
    lines = []
    for each in sorted(requirements, key=lambda each: (each.wstg, OUTCOMES.index(found[each.test_name].outcome))):
        finding = found[each.test_name]
        lines.append(f"{finding.outcome:{INDENT}}{each.test_name} ({each.source})")
        if finding.text:
            first, *rest = finding.text.splitlines()
            lines += textwrap.wrap(first, WIDTH, initial_indent=" " * INDENT, subsequent_indent=" " * INDENT)
            lines += [f"{'':{INDENT}}{line}" for line in rest]
    counts = Counter(each.outcome for each in found.values())
    return [*lines, ", ".join(f"{counts[each]} {each}" for each in OUTCOMES if counts[each])]


def _account(root: Path, spelled: str) -> Account:
    place, _, name = spelled.rpartition(":")
    if not place or not name.isidentifier():
        raise CookieproofError(f'audit "{spelled}" names no account: spell it "signing.py:ACCOUNT".')
    account = found_in("audit", spelled, *module_of(root, place), name)
    if not isinstance(account, Account):
        raise CookieproofError(f"audit {spelled} is no Account: write {name} = Account(…) there.")
    return account
