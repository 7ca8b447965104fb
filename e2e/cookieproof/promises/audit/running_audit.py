"""The audit while it runs: what each requirement is judged with."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.storage import StorageItem
from cookieproof.cookies.stored_cookie import StoredCookie
from cookieproof.errors import CookieproofError
from cookieproof.promises.audit import session as session_search
from cookieproof.promises.audit.attacker import Attacker
from cookieproof.promises.audit.copies import Copy, Part
from cookieproof.promises.audit.finding import Undecidable
from cookieproof.promises.audit.forging import Forging
from cookieproof.promises.audit.private_words import public_texts
from cookieproof.promises.audit.remembered import RememberedLives
from cookieproof.promises.audit.session import Session
from cookieproof.promises.audit.sign_ins import SignIns
from cookieproof.promises.audit.time_passing import TimePassing
from cookieproof.promises.audit.ways_out import ways_out
from cookieproof.promises.lifetimes import Step
from cookieproof.words import printable

__tracebackhide__ = True  # a failure points at the line of the test


@dataclass(frozen=True)
class Life:
    """What was seen of one session from its sign-in on: exchanges with their bodies, what the browser holds, the copy.

    All of the audited host alone: a sign-in may lead over others, which have cookies and rules of their own.

    ``document`` is the page as it stands after its scripts have run.
    """

    exchanges: tuple[Exchange, ...]
    cookies: tuple[StoredCookie, ...]
    storage: tuple[StorageItem, ...]
    document: str
    copy: Copy

    @property
    def lasting(self) -> list[Part]:
        """The cookies of the copy that outlive the browser."""
        names = {each.name for each in self.cookies if each.expires}
        return [part for part in self.copy.parts if part.kind == "cookie" and part.name in names]


class RunningAudit(SignIns):
    """Signs in and out for the requirements, and makes copies of sessions.

    ``first`` is the life that all may look at, ``ways_out`` are method and path of the visible links and forms of
    ``private``. ``attacker`` acts in the person's browser, ``time`` passes at the site. ``problems`` says what is wrong
    with a field of the account, by its name; ``remembered`` are the lives that ``remember`` began. ``stays_in`` says
    that signing out ends nothing, if it does not. ``public`` are the texts that ``private`` answers to nobody.
    """

    first: Life

    def __init__(self, *about: Any) -> None:
        """Take what ``SignIns`` takes."""
        super().__init__(*about)
        self.attacker = Attacker(self.person, self.outside, self.follow)
        self.time = TimePassing(self.clock, self.outside, self.steps.append)
        self.ways_out: set[tuple[str, str]] = set()
        self.problems: dict[str, str] = {}
        self.stays_in = ""
        self.remembered = RememberedLives(self)
        self.public: list[str] = []

    @property
    def way_out(self) -> Step:
        """The step that signs out, which a requirement that asks for it needs."""
        assert self.account.sign_out is not None
        return self.account.sign_out

    def prepare(self) -> None:
        """Find out which is the session, and what is declared wrong."""
        account, person = self.account, self.person
        person.begin_anew()
        if person.look(account.private, expected=False):
            raise CookieproofError(
                f"{printable(account.private)} shows {person.what} though nobody is signed in: "
                "declare in shows= what only the signed-in see."
            )
        anonymous = person.seen
        self.public = public_texts(anonymous)
        self.sign_in()
        seen = self.seen_of_private()
        tokens = person.tokens()
        found = session_search.find(seen, anonymous, account.shows, tokens, self.outside)
        self.session = found or self._found_in_browser(seen, tokens)
        if account.sign_out is not None:
            self.ways_out = ways_out(person.page)
            try:
                self.sign_out()
                if self.changed_nothing and (self.no_copies or self.opens(self.session.copy)):
                    self.stays_in = (
                        f"signing out ended nothing: {printable(account.private)} still shows {person.what}, so nobody "
                        "was signed out"
                    )
            except CookieproofError as error:
                self.problems["sign_out"] = str(error)
        self.first = self.begin_life()

    def _found_in_browser(self, seen: Sequence[Exchange], tokens: Sequence[str]) -> Session:
        """Return the session where no copy works, by what the browser cannot be without; the rest is told by no copy.

        Raises ``Undecidable`` where the browser holds nothing that it needs.
        """
        person, private, needed = self.person, self.account.private, []
        self.sign_in()
        held = {each.name: each.value for each in self.visitor.stored_list}
        for name in held:
            person.visitor.context.clear_cookies(name=name)
            if not person.look(private, expected=False):
                needed.append(name)
                self.sign_in()
        tokens = [*tokens, *person.tokens()]
        found = session_search.seen_in_browser([*seen, *self.seen_of_private()], needed, tokens)
        if not found:
            raise Undecidable(
                f"no answer that {printable(private)} is made of is another to who is signed in, as far as requests "
                "outside the browser tell"
            )
        before = {each.name: each.value for each in self.visitor.stored_list}, person.tokens()
        person.look(private, expected=True)
        changes = before != ({each.name: each.value for each in self.visitor.stored_list}, person.tokens())
        self.no_copies = (
            "the session's value changes with each request, so a copy of it is used up by what is asked next"
            if changes
            else "no copy of the session works outside the browser, even while the session lives"
        )
        return found

    def check_that_it_signs_out(self) -> None:
        """Raise ``Undecidable`` where signing out ends nothing, for what is asked of who is signed out."""
        if self.stays_in:
            raise Undecidable(self.stays_in)

    def live_copy(self) -> Copy:
        """Return a copy of a session that lives: the first life's, or a new one's where the site has ended that.

        One that lets live no two sessions of an account has, once somebody signs in again.
        """
        if not self.opens(self.first.copy):
            self.first = self.begin_life()
        return self.first.copy

    def begin_life(self, step: Step | None = None) -> Life:
        """Sign in, in a browser without cookies and storage, and return what was seen of it."""
        before = len(self.visitor.wire)
        self.sign_in(step)
        person = self.person
        return Life(
            tuple(each for each in self.visitor.wire[before:] if each.host == person.host),
            tuple(self.visitor.stored_list),
            tuple(self.visitor.web_storage.items(person.page)),
            person.page.content(),
            self.copy(works=not self.no_copies),
        )

    @functools.cached_property
    def forging(self) -> Forging:
        """The one life in which requests are forged. Raises ``Undecidable`` where there is no form to forge."""
        return Forging(self)

    def opens_with(self, copy: Copy, part: Part, value: str) -> bool:
        """Whether the site takes a copy with this value in one part of the session, and nothing that may replace it."""
        others = [each for each in copy.parts if each not in self.session.parts]
        sets = [each for each in self.session.sets if part in each]
        return any(self.opens(copy, only=[*others, *(each - {part})], put={part: value}) for each in sets)

    def session_cookies(self) -> list[StoredCookie]:
        """Return the session's cookies as the browser held them in the first life."""
        return [each for each in self.first.cookies if each.name in self.session.cookies]

    def judged_cookies(self) -> Iterator[tuple[Life, StoredCookie]]:
        """Return the session's cookies, and those by which the site remembers a person, each with a life that had it.

        The latter come last, so that where the former are wrong, nobody signs in for them.
        """
        yield from ((self.first, each) for each in self.session_cookies())
        for part in self.remembered.parts:
            life = self.remembered.life
            yield from ((life, each) for each in life.cookies if each.name == part.name)

    def secrets(self, copy: Copy) -> list[str]:
        """Return the values of the session that are long enough to be known where they stand."""
        values = [value.removeprefix("Bearer ") for value in self.session.values(copy).values()]
        return [each for each in values if len(each) >= session_search.SHORTEST_TOKEN]
