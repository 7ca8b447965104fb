"""Runs the requirements one after the other, and says what each came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace

from cookieproof.clock.clock import Clock
from cookieproof.cookies import timeline
from cookieproof.cookies.exchange import Exchange
from cookieproof.errors import CookieproofError, Unsupported
from cookieproof.promises.audit.account import Account
from cookieproof.promises.audit.finding import Finding, Undecidable, failed, not_asked, not_decidable
from cookieproof.promises.audit.outside import NOBODY, Outside
from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.requirements import REQUIREMENTS
from cookieproof.promises.audit.running_audit import RunningAudit
from cookieproof.site.recorded_process import OWN_NAMES
from cookieproof.site.recorder.hosts import matches
from cookieproof.site.site import Site
from cookieproof.visitor.visitor import Visitor

HOST, FALLBACK = "audit.localhost", "localhost"
REFUSED = (400, 403, 404, 421)
MOST_EXCHANGES = 12


def chosen(level: int, requirements: Sequence[Requirement] = REQUIREMENTS) -> list[Requirement]:
    """Return the requirements that are asked at this level of ASVS."""
    return [each for each in requirements if each.level <= level]


def weightiest_first(requirements: Sequence[Requirement]) -> list[Requirement]:
    """Return them in the order in which they are judged where sign-ins are few.

    That is by their ASVS level, then what the WSTG alone asks. A change of the password is last in any case.
    """
    return sorted(requirements, key=lambda each: ("change_password" in each.needs, each.level if each.asvs else 4))


def audit(
    account: Account,
    site: Site,
    new_visitor: Callable[[], Visitor],
    clock: Clock,
    *,
    requirements: Sequence[Requirement] = REQUIREMENTS,
    no_clock: str = "",
    attempts: int | None = None,
    failures: tuple[type[BaseException], ...] = (Exception,),
    tell: Callable[[Requirement, Finding], object] = lambda requirement, finding: None,
) -> dict[str, Finding]:
    """Judge these requirements, and return what each came to, by its ``test_name``.

    ``no_clock`` says why the clock cannot be moved, if it cannot. ``attempts`` is the most sign-ins that the site
    allows, None for any number: where they are few, what weighs most is judged first. ``failures`` are what a step may
    raise to say that it failed. ``tell`` is called with each finding, as soon as there is one.
    """
    running, found, problem, failures = None, dict[str, Finding](), None, (*failures, SystemExit)
    causes: set[str] = set()  # what kept rows from being judged, each told in full once
    with site.recording.bodies.keeping(), ExitStack() as at_the_end:
        try:
            host = host_of(account, site)
            running = RunningAudit(account, new_visitor(), clock, host, failures, attempts, no_clock)
            at_the_end.callback(running.outside.close)
            running.prepare()
        except failures as error:  # Undecidable is one
            problem = _as_finding(error)
        for each in requirements if attempts is None else weightiest_first(requirements):
            found[each.test_name] = finding = _told_once(_judged(each, account, running, problem), causes)
            tell(each, finding)
    return {each.test_name: found[each.test_name] for each in requirements}


def _told_once(finding: Finding, causes: set[str]) -> Finding:
    """Return the finding, without its evidence where another row was kept from being judged by the same."""
    if not finding.cause:
        return finding
    is_first = finding.cause not in causes
    causes.add(finding.cause)
    return finding if is_first else replace(finding, text=finding.sentence)


def _judged(
    requirement: Requirement, account: Account, running: RunningAudit | None, problem: Finding | None
) -> Finding:
    missing = [name for name in requirement.needs if getattr(account, name) in (None, ())]
    if missing:
        return not_asked(" and ".join(f"{each}=" for each in missing))
    if problem:
        return problem
    assert running
    for name in requirement.needs:
        if said := running.problems.get(name):
            return replace(failed(said), cause=said)
    if requirement.moves_clock and running.no_clock:
        return not_decidable(running.no_clock)
    running.begin()
    site = running.visitor.site
    before, events = len(site.wire), len(site.events)
    try:
        finding = requirement.judge(running)
    except running.failures as error:
        finding = _as_finding(error)
    exchanges = site.wire[before:]
    text = finding.text
    if finding.outcome in ("failed", "warning"):
        text = "\n".join([text, *_evidence(running.steps, exchanges)])
    drawn = [replace(each, visitor=each.visitor or None) for each in exchanges]
    return replace(finding, text=text, timeline=timeline.draw(site.events[events:], drawn))


def _as_finding(error: BaseException) -> Finding:
    if isinstance(error, Undecidable | Unsupported):
        return not_decidable(str(error))
    said = str(error).strip() or type(error).__name__
    finding = failed(said if isinstance(error, CookieproofError) else f"{type(error).__name__}: {said}")
    return replace(finding, cause=finding.sentence)


def _evidence(steps: Sequence[str], exchanges: Sequence[Exchange]) -> list[str]:
    asked = [f"{each}{' outside the browser' if each.visitor == NOBODY else ''}" for each in exchanges]
    cut = [f"… {len(asked) - MOST_EXCHANGES} before"] if len(asked) > MOST_EXCHANGES else []
    found = {"step": list(steps), "exchange": [*cut, *asked[-MOST_EXCHANGES:]]}
    return [f"    {label + ':':<11}{line}" for label, lines in found.items() for line in lines]


def host_of(account: Account, site: Site) -> str:
    """Return the host at which the account is audited: the declared one, the site's own, or one below localhost.

    A site that answers only to localhost is audited there.
    """
    own = [each for each in site.recording.hosts.real if "*" not in each and not matches(each, OWN_NAMES)]
    if named := account.host or site.only_host or next(iter(own), ""):
        return named
    with closing(Outside(site)) as outside:
        origins = [site.at(host, https=True) for host in (HOST, FALLBACK)]
        answers = [outside.ask("GET", origin, account.private, ()).status for origin in origins]
    return FALLBACK if answers[0] in REFUSED and answers[1] not in REFUSED else HOST


def outcomes(findings: Mapping[str, Finding]) -> dict[str, str]:
    """Return the outcome of each, for a person who compares."""
    return {name: each.outcome for name, each in findings.items()}
