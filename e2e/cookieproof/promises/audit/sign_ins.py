"""Signs in and out in one browser, again and again, and makes copies of the sessions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from cookieproof.clock.clock import Clock
from cookieproof.cookies.exchange import Exchange
from cookieproof.errors import CookieproofError, wait_until
from cookieproof.promises.audit.account import Account
from cookieproof.promises.audit.copies import Copy, Part, parts_of
from cookieproof.promises.audit.finding import Undecidable
from cookieproof.promises.audit.outside import Outside
from cookieproof.promises.audit.person import Person
from cookieproof.promises.audit.session import Session
from cookieproof.promises.lifetimes import Step, in_words
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import printable

__tracebackhide__ = True  # a failure points at the line of the test

APART = timedelta(seconds=1)  # from a sign-in's last answer to the next: a signed value has its second in it
LOCKED = (423, 429)


class SignIns:
    """Takes the account's steps, with one visitor whose browser is cleared before each sign-in.

    ``attempts`` is the most sign-ins that there may be, ``sign_ins`` how many there were.
    ``session`` is which cookies and headers are the session, ``steps`` what was done since the list was emptied,
    ``sign_out_request`` the request by which the last sign-out signed out, ``signed_in_by`` what was asked at the last
    sign-in, ``signed_out_by`` at the last sign-out. ``no_copies`` says why no copy of a session works at this site, if
    none does. ``changed_nothing`` says whether the browser was as signed in after the last sign-out as before it, and
    ``is_signed_out`` whether it has signed out, and nothing was done in it since.
    """

    session: Session

    def __init__(
        self,
        account: Account,
        visitor: Visitor,
        clock: Clock,
        host: str,
        failures: tuple[type[BaseException], ...],
        attempts: int | None,
        no_clock: str,
    ) -> None:
        """``attempts`` is the most sign-ins that there may be; ``no_clock`` says why the clock cannot be moved.

        ``failures`` are what a step that is a function may raise to say that it failed.
        """
        self.account, self.visitor, self.clock = account, visitor, clock
        self.failures, self.no_clock = failures, no_clock
        self.steps: list[str] = []
        self.person = Person(self.visitor, host, account.shows, failures, self.steps.append)
        self.outside = Outside(self.visitor.site)
        self.sign_out_request: Exchange | None = None
        self.signed_in_by, self.signed_out_by = list[Exchange](), list[Exchange]()
        self.no_copies, self._followed, self.changed_nothing, self.is_signed_out = "", 0, False, False
        self.outside.renewals.tell(self.person.renew)
        self.attempts, self.sign_ins = attempts, 0

    def begin(self) -> None:
        """Forget the steps, for what is judged next."""
        self.steps.clear()

    def note(self, step: str) -> None:
        """Remember a step for the evidence."""
        self.steps.append(step)

    def sign_in(
        self,
        step: Step | None = None,
        *,
        before: Callable[[], object] | None = None,
        seconds: float | None = None,
        seen: bool = True,
        anew: bool = True,
        visits: bool = False,
    ) -> list[Exchange]:
        """Sign in, see that ``private`` shows it, and return the exchanges of both with the audited host.

        Where the sign-in leads to ``private``, that is not visited once more, except with ``visits``.
        ``before`` is called when the browser is cleared, which it is not without ``anew``; ``seconds`` are as in
        ``Person.take``. What another sees is not ``shows``: ``seen=False``.
        """
        if not self.may_sign_in:
            raise Undecidable(f"attempts={self.attempts} sign-ins are used up")
        self.wait_a_second()
        self.is_signed_out = False
        if anew:
            self.person.begin_anew()
        if before:
            before()
        step = self.account.sign_in if step is None else step
        name, number = in_words(step), self.sign_ins + 1
        again = f", at call {number}, though it worked before: it is called again and again" if self.sign_ins else ""
        start = len(self.visitor.wire)
        try:
            exchanges = self.person.take(step, seconds=seconds)
        except CookieproofError as error:
            check_that_it_is_not_locked(self.visitor.wire[start:], number)
            first, end, rest = str(error).partition("\n")  # of Playwright's errors the rest is a log
            first = _where_it_ended(self.visitor.wire[start:], self.person.host) + first.removesuffix(".")
            raise CookieproofError(f"{first}{again}{end}{rest}") from None
        self.sign_ins = number
        if exchanges and exchanges[0].scheme == "http" and self.person.is_secure:
            raise CookieproofError(f"{name} visits http: the audit is on https, so visit a path of the site.")
        check_that_it_is_not_locked(exchanges, number)
        if not self.person.look(self.account.private, expected=seen, after=() if visits else exchanges) and seen:
            raise CookieproofError(
                f"{name} does not sign in: {printable(self.account.private)} does not show {self.person.what}{again}."
            )
        if host := self.person.is_elsewhere():
            raise CookieproofError(
                f"{printable(self.account.private)} leads to {printable(host)}: declare host= and private= as they are "
                "there."
            )
        self.signed_in_by = [each for each in (*exchanges, *self.person.seen) if each.host == self.person.host]
        return self.signed_in_by

    @property
    def may_sign_in(self) -> bool:
        """Whether the site allows one more sign-in."""
        return self.attempts is None or self.sign_ins < self.attempts

    def count_a_sign_in(self) -> None:
        """Remember that somebody has signed in otherwise than by ``sign_in``."""
        self.sign_ins += 1

    def signed_in(self) -> Copy:
        """Sign in and return a copy of the session."""
        self.sign_in()
        return self.copy()

    def sign_out(self) -> bool:
        """Sign out, and return whether ``private`` still shows who was signed in."""
        before, step, start = self._kept(), self.account.sign_out, len(self.visitor.wire)
        assert step is not None
        self.follow()
        self.signed_out_by = exchanges = self.person.take(step)
        self.sign_out_request = _sign_out_among(exchanges, self.session.cookies, self.account.private)
        if self.sign_out_request:  # what came before it is the session still
            self.follow(self.visitor.wire[: start + exchanges.index(self.sign_out_request)])
        unchanged = self._kept() == before
        still = self.person.look(self.account.private, expected=False)
        self.changed_nothing = still and unchanged
        if self.changed_nothing and not any(each.method != "GET" and each.status < 400 for each in exchanges):
            raise CookieproofError(
                f"{in_words(step)} does not sign out: it changes neither cookies nor storage, and "
                f"{printable(self.account.private)} still shows {self.person.what}."
            )
        self.is_signed_out = not still
        return still

    def _kept(self) -> object:
        return self.visitor.stored_list, self.visitor.web_storage.items(self.person.page)

    def seen_of_private(self) -> list[Exchange]:
        """Return the exchanges of the last visit to ``private``.

        Where the browser had the page in its cache, it was asked for when somebody signed in.
        """
        of_page = [each for each in self.signed_in_by if self.account.private in (each.path, each.target)]
        is_cached = not any(self.account.private in (each.path, each.target) for each in self.person.seen)
        return [*(of_page if is_cached else ()), *self.person.seen]

    def copy(self, *, works: bool = True) -> Copy:
        """Return a copy of the session from the last visit to ``private``, which is seen to work while it lives.

        That of another account shows something else: ``works=False``.
        """
        witness = self.session.copy.witness
        found = next((each for each in reversed(self.seen_of_private()) if witness.is_of(each)), None)
        if found is None:
            raise Undecidable(f"{printable(self.account.private)} did not ask for {witness.target} again")
        copy = Copy(found, self.session.copy.origin, witness, parts_of(found, self.person.tokens()))
        self.steps.append(f"took a copy of {found.method} {printable(found.path)}")
        self.follow()
        if works and not (self.opens(copy) or copy.opens_when_followed(self.outside)):
            raise Undecidable("a copy of the session does not work outside the browser, even while the session lives")
        return copy

    def follow(self, wire: Sequence[Exchange] | None = None) -> None:
        """Learn what the site has set anew in the browser while somebody was signed in: of all exchanges, or these."""
        wire = self.visitor.wire if wire is None else wire
        self.outside.renewals.learn_from(wire[self._followed :])
        self._followed = max(self._followed, len(wire))

    def other_copies(self) -> list[Copy]:
        """Return copies of what else than ``copy`` the page has asked for, and only the signed-in get, as it is now."""
        found = []
        for private in self.session.private:
            if private is not self.session.copy:
                asked = [each for each in self.seen_of_private() if private.witness.is_of(each)]
                copies = [Copy(each, private.origin, private.witness, private.parts) for each in asked[-1:]]
                found += [each for each in copies if self.opens(each)]
        return found

    def opens(self, copy: Copy, *, only: Collection[Part] | None = None, put: Mapping[Part, str] | None = None) -> bool:
        """Whether the site takes a copy, outside the browser; ``only`` and ``put`` are as in ``Copy.sent``."""
        if self.no_copies:
            raise Undecidable(self.no_copies)
        taken = copy.opens(self.outside, only=only, put=put)
        if taken and put and copy.comes_from_a_cache(self.outside, only=only, put=put):
            self.steps.append("a cache has answered, by the URL alone; the site itself refuses it")
            taken = False
        which = " without the session" if only is not None and not put else " with another value" if put else ""
        self.steps.append(f"the copy{which} {'works' if taken else 'is refused'} outside the browser")
        return taken

    def wait_a_second(self) -> None:
        """After the first sign-in, see that a second has passed since the site answered last: a sign-in takes time."""
        last = self.visitor.site.wire[-1:] if self.sign_ins else []
        left = max([APART - (self.clock.now() - each.time) for each in last], default=timedelta(0))
        if left > timedelta(0):
            if self.no_clock:
                wait_until(lambda: self.clock.now() - last[0].time >= APART, "a second to pass between two sign-ins", 5)
            else:
                self.clock.advance(seconds=left.total_seconds())


def check_that_it_is_not_locked(exchanges: Sequence[Exchange], number: int) -> None:
    """Raise ``CookieproofError`` if the site has refused this sign-in, since there were too many."""
    if locked := next((each for each in exchanges if each.status in LOCKED), None):
        raise CookieproofError(
            f"Sign-in {number} was refused, {locked.method} {printable(locked.path)} answered {locked.status}: "
            f"declare attempts={number - 1}, or have the site allow more."
        ) from None


def _sign_out_among(exchanges: Sequence[Exchange], cookies: Collection[str], private: str) -> Exchange | None:
    """Return the request by which a sign-out signs out: the first that is no GET, or that sets a cookie again."""
    sets = [each for each in exchanges if {*cookies} & {cookie.name for cookie in each.set_cookies}]
    visits = [each for each in exchanges if each.fetch_dest in (None, "document", "empty")]
    others = [each for each in visits if each.path != private]
    return next(iter([*(each for each in exchanges if each.method != "GET"), *sets, *others]), None)


def _where_it_ended(exchanges: Sequence[Exchange], host: str) -> str:
    """Say where a sign-in has ended that failed, if that was an answer that is an error, or on another host."""
    last = next((each for each in reversed(exchanges) if each.fetch_dest == "document"), None)
    if last is None or (last.status < 400 and last.host == host):
        return ""
    if last.host == host:
        return f"{last.method} {printable(last.path)} answered {last.status}, and that was its last page: "
    where = printable(last.host)
    return f"{last.method} {printable(last.path)} at {where} answered {last.status}, and that was its last page: "
