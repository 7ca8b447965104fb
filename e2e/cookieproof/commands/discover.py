"""``python -m cookieproof discover``: visits an app, proves what its cookies do, and writes the test that says so."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cookieproof import settings
from cookieproof.browser.chromium import CHROMIUM
from cookieproof.browser.pages import VisitFailed
from cookieproof.cookies.deletions import deletes
from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.refusals import refusal
from cookieproof.errors import CookieproofError
from cookieproof.harness import CommandHarness, harness_for
from cookieproof.promises.lifetimes import CAP, SHORTEST, WITH_THE_BROWSER, Lifetime
from cookieproof.promises.prove import prove
from cookieproof.promises.step_runner import IDLE_SECONDS
from cookieproof.site import kinds
from cookieproof.site.site import Site
from cookieproof.visitor.visitor import Visitor
from cookieproof.words import duration, literal, printable, shown, spelled

GUESSABLE = ("dev", "secret", "secret_key", "secret-key", "changeme", "change-me", "development", "test", "key")
MAKE_A_KEY = "python -c 'import secrets; print(secrets.token_hex())'"
TEMPLATE = '''"""The cookies of {app}, as `python -m cookieproof discover` saw them"""

from datetime import timedelta

from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes

test_lifetimes = prove_lifetimes(
    [
{lines}
    ]
)'''


def main(app: str, paths: Sequence[str]) -> str:
    """The test file. Raises ``CookieproofError`` if the app cannot be served, or no page sets a cookie."""
    root = Path.cwd()
    web_server = settings.load(root, kinds.keys()).web_server
    app = app or web_server.get("app", "")
    if not app:
        raise CookieproofError('Name the app as flask --app does: discover "path/or.module:factory".')
    settings.check_app(app, root, "discover")
    with harness_for(CHROMIUM) as here:
        return Discovery(here, here.harness.site_of({**web_server, "app": app}), app, paths or ["/"]).file()


class Discovery:
    """What visits to some paths of an app bring to light."""

    def __init__(self, here: CommandHarness, site: Site, app: str, paths: Sequence[str]) -> None:
        self.here, self.site, self.app, self.paths = here, site, app, paths
        self.notes: list[str] = []
        self._pages: list[str] = []  # what was visited and answered with a page
        self._scopes: dict[tuple[str, object], str] = {}  # the path of a cookie, by its name and what sets it

    def file(self) -> str:
        lifetimes = self._look_around()
        others = [page for page in self.site.facts.pages if page not in self.paths]
        more = f"Not visited, since not named with --visit: {', '.join(others)}." if others else ""
        if not lifetimes:
            raise CookieproofError(
                f"No cookie is set by {', '.join(self.paths)}. {''.join(f'{note} ' for note in self.notes)}"
                f"{more or 'Name other pages with --visit.'} What a form sets is declared by hand, with a function as "
                "set_by."
            )
        proven, refuted = self._prove(lifetimes)
        if not proven:
            raise CookieproofError("No cookie does as it says:\n" + "\n".join(refuted.values()))
        key = self.site.facts.secret_key
        self.site.restart()
        if self.site.facts.secret_key != key:
            self.notes.append(
                "SECRET_KEY is another one after a restart, so each deploy signs everyone out. Make one once "
                f"({MAKE_A_KEY}), keep it in the environment, and read it with app.config.from_prefixed_env()."
            )
        return written(self.app, proven, refuted, [*(f"Warning: {note}" for note in self.notes), *filter(None, [more])])

    def _look_around(self) -> list[Lifetime]:
        """Visit each path as somebody new, and guess what each cookie is to be."""
        visitor, found = self.here.new_visitor(self.site), list[Lifetime]()
        for number, path in enumerate(self.paths, start=1):
            visitor.move_to(f"{number}.discover.localhost")
            self._visit(visitor, path)
            held = {cookie.name: cookie for cookie in visitor.stored_list}
            known = {each.name for each in found}
            for exchange in visitor.wire:
                if exchange.host != visitor.host:
                    continue
                for cookie in exchange.set_cookies:
                    self._warn_of_refusal(exchange, cookie)
                    if cookie.name in known or deletes(exchange, cookie):
                        continue
                    known.add(cookie.name)
                    self._protect(cookie)
                    lasts = _age(cookie.expires(exchange.time), exchange.time)
                    found += self._guess(cookie.name, path, cookie.path(exchange.path), lasts)
            for name in held.keys() - known:  # set by a script
                lasts = _age(held[name].expires, self.here.harness.clock.now())
                found += self._guess(name, path, held[name].path, lasts)
        return self._with_deletions(visitor, found)

    def _visit(self, visitor: Visitor, path: str) -> bool:
        """Whether it answered with what is no error. What went wrong is noted, once."""
        try:
            response = visitor.goto(path)
            visitor.network_idle.wait(IDLE_SECONDS)
            note = f"{path} answered {response.status}." if response and response.status >= 400 else ""
            if not note and path not in self._pages:
                self._pages.append(path)
        except VisitFailed as error:
            location = visitor.wire[-1].location if visitor.wire else None
            note = f"{path} cannot be visited: {error.reason}{f' (it redirects to {location})' if location else ''}."
        if note and note not in self.notes:
            self.notes.append(note)
        return not note

    def _guess(self, name: str, path: str, scope: str, lasts: timedelta | None) -> list[Lifetime]:
        if lasts is not None and lasts < SHORTEST:
            self.notes.append(f'"{shown(name)}" lasts {duration(lasts)} only, which is too short to be proven.')
            return []
        if lasts is not None and lasts > CAP:
            self.notes.append(
                f'"{shown(name)}" asks for {lasts.days} days, but browsers keep no cookie for more than '
                f"{duration(CAP)} (RFC 6265bis, 5.5)."
            )
            lasts = CAP
        page, self._scopes[name, path] = self._page_for(scope, path), scope
        return [Lifetime(name, set_by=path, lasts=WITH_THE_BROWSER if lasts is None else lasts, path=page)]

    def _at_another_page(self, lifetime: Lifetime) -> Lifetime:
        """The same, visited at another page than what sets it, whose visit is no renewal; as it is if there is none."""
        page = self._page_for(self._scopes[lifetime.name, lifetime.set_by], lifetime.path)
        is_right = lifetime.path == lifetime.set_by and page != lifetime.deleted_by
        return dataclasses.replace(lifetime, path=page) if is_right else lifetime

    def _page_for(self, scope: str, set_by: str) -> str:
        """A page that was seen to answer and gets cookies of the path ``scope``, if it can not what sets it."""
        below = [page for page in self._pages if f"{page}/".startswith(f"{scope.rstrip('/')}/")]
        others = [page for page in ("/", *below) if page in below and page != set_by]
        return next(iter(others), set_by)

    def _warn_of_refusal(self, exchange: Exchange, cookie: SetCookie) -> None:
        if why := refusal(exchange, cookie):
            by = f"{exchange.method} {exchange.path}"
            note = f'"{shown(cookie.name)}" of {by} is refused by the browser, since {why}.'
            self.notes += [note] if note not in self.notes else []

    def _with_deletions(self, visitor: Visitor, found: Sequence[Lifetime]) -> list[Lifetime]:
        """Find out which of the paths deletes what, where everything has been set."""
        visitor.move_to("all.discover.localhost")
        for each in found:
            self._visit(visitor, str(each.set_by))
        ends: dict[str, str] = {}
        for path in self.paths:
            held = {cookie.name for cookie in visitor.stored_list}
            answered = self._visit(visitor, path)
            gone = held - {cookie.name for cookie in visitor.stored_list}
            if answered:  # else it is no step
                ends |= {name: path for name in gone if name not in ends}
        return [dataclasses.replace(each, deleted_by=ends.get(each.name)) for each in found]

    def _prove(self, lifetimes: Sequence[Lifetime]) -> tuple[list[Lifetime], dict[Lifetime, str]]:
        """Those that hold, and those that do not, each with why. What is renewed by a visit is declared so."""
        proven, refuted = list[Lifetime](), dict[Lifetime, str]()
        left, moved = list(lifetimes), set[Lifetime]()
        while left:
            again: list[Lifetime] = []
            verdicts = prove(
                left, lambda: self.here.new_visitor(self.site), self.here.harness.clock, self.here.harness.no_clock
            )
            for lifetime, verdict in verdicts.items():
                if verdict.outcome == "kept":
                    proven.append(lifetime)
                elif verdict.remedy == "renewed_by" and not lifetime.renewed_by:
                    other = self._at_another_page(lifetime)
                    moved |= {other} - {lifetime}
                    renewed = dataclasses.replace(lifetime, renewed_by=lifetime.path)
                    again.append(renewed if other == lifetime else other)
                elif lifetime in moved:  # that page does something else to it
                    again.append(dataclasses.replace(lifetime, path=str(lifetime.set_by), renewed_by=lifetime.set_by))
                else:
                    refuted[lifetime] = verdict.text
            left = again
        order = [(each.name, each.set_by) for each in lifetimes]
        return sorted(proven, key=lambda each: order.index((each.name, each.set_by))), refuted

    def _protect(self, cookie: SetCookie) -> None:
        """Warn of a session that is within reach, in Flask's words."""
        facts, attributes = self.site.facts, cookie.attributes
        if cookie.name != facts.session_cookie:
            return
        if facts.secret_key in {hashlib.sha256(repr(key).encode()).hexdigest() for key in GUESSABLE}:
            self.notes.append(
                "SECRET_KEY can be guessed, and whoever guesses it signs in as anybody. Make another "
                f"({MAKE_A_KEY}) and keep it out of the code."
            )
        for attribute, risk, fix in (
            ("httponly", "scripts can read it", 'app.config["SESSION_COOKIE_HTTPONLY"] = True'),
            ("samesite", "other sites can send it with their forms", 'app.config["SESSION_COOKIE_SAMESITE"] = "Lax"'),
            ("secure", "it is sent over plain http too", 'app.config["SESSION_COOKIE_SECURE"] = True, behind https'),
        ):
            if attributes.get(attribute, "none" if attribute == "samesite" else None) in (None, "none", "None"):
                self.notes.append(f'the session cookie "{shown(cookie.name)}" is not protected: {risk}. {fix}')


def written(app: str, proven: Sequence[Lifetime], refuted: Mapping[Lifetime, str], remarks: Sequence[str]) -> str:
    """The test file: it declares what is proven, and has what is refuted and the remarks as comments.

    It is Python, whatever names, paths and texts the site has.
    """
    lines = [_declared(each) for each in proven]
    lines += [f"# {line}" for each, text in refuted.items() for line in [text.partition("\n")[0], _declared(each)]]
    return "\n".join(
        [
            TEMPLATE.format(
                app=literal(app)[1:-1].replace('\\"', "'"),
                lines="\n".join(f"        {printable(line)}" for line in lines),
            ),
            *([""] if remarks else []),
            *(f"# {printable(remark)}" for remark in remarks),
        ]
    )


def _age(end: datetime | None, now: datetime) -> timedelta | None:
    """How long a cookie lasts. Dates of cookies are whole seconds: what is nearly a whole minute is one."""
    if end is None:
        return None
    seconds = (end - now).total_seconds()
    minutes = round(seconds / 60)
    return timedelta(minutes=minutes) if abs(seconds - minutes * 60) < 2 else timedelta(seconds=round(seconds))


def _declared(lifetime: Lifetime) -> str:
    """A line of Python, as a person would write it."""
    fields = {"set_by": lifetime.set_by, "renewed_by": lifetime.renewed_by, "deleted_by": lifetime.deleted_by}
    fields |= {"path": lifetime.path if lifetime.path != "/" else None}
    words = [literal(lifetime.name), *(f"{key}={literal(str(value))}" for key, value in fields.items() if value)]
    words.insert(2, f"lasts={spelled(lifetime.lasts) if isinstance(lifetime.lasts, timedelta) else 'WITH_THE_BROWSER'}")
    return f"Lifetime({', '.join(words)}),"
