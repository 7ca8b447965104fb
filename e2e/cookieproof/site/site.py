"""Defines a site under test, of whatever kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urljoin, urlsplit

from cookieproof.clock.clock import Clock
from cookieproof.clock.moves import Move, Offset
from cookieproof.cookies.exchange import Exchange
from cookieproof.cookies.timeline import MOVED, Event, in_words
from cookieproof.errors import CookieproofError
from cookieproof.site.app_info import AppInfo
from cookieproof.site.own_pages import BLANK, COOKIE_INSPECTOR
from cookieproof.site.recorder.hosts import matches
from cookieproof.site.recorder.proxies import Proxies
from cookieproof.site.recorder.recorder import Recorder
from cookieproof.site.recorder.recording import Recording
from cookieproof.site.site_spec import Option, SiteSpec

if TYPE_CHECKING:
    from cookieproof.site.sites import Sites

    MakeSite = Callable[[Sites], "Site"]


class Site(ABC):
    """A web site under test, as one test sees it.

    A kind of site is a subclass in a file of its own, which is named in ``kinds.KINDS``. It must tell whether a test
    asks for it (``asked_for``), know its URLs (``url``, ``at`` and ``origin_of``), and have a recorder record it
    (``Recorder.record``). It overrides what else it can do: restart its process, have further hosts and https, follow
    the clock, show its log. What it cannot do raises ``CookieproofError`` with the reason.

    ``host`` is the name under which the site is visited first; ``sites`` are the further sites, by their hosts.
    ``options`` are the command-line options that the kind adds, ``keys`` the keys that it adds to ``web_server`` of
    playwright.config.py, with their types.
    """

    options: ClassVar[Sequence[Option]] = ()
    keys: ClassVar[Mapping[str, Any]] = {}
    host = "localhost"
    only_host = ""  # the site's only host, if it has one: then lifetimes cannot have hosts of their own
    has_log = False
    can_restart = False

    def __init__(self, clock: Clock, recorder: Recorder, recording: Recording) -> None:
        """Make the site of one test; of ``recording``, the exchanges from now on are the test's."""
        self.recorder, self.recording = recorder, recording
        self._clock, self._proxies = clock, Proxies(recorder, recording)
        self._wire_start = len(recording.exchanges())
        recording.tell_failures()  # of earlier tests
        self._events: list[Event] = []
        self._death_is_told = False

    @classmethod
    @abstractmethod
    def asked_for(cls, spec: SiteSpec) -> MakeSite | None:
        """Return a function that makes the site of one test, if ``spec`` asks for a site of this kind; else None.

        Raises ``CookieproofError`` for a contradiction in ``spec``. Nothing is started before the function is called;
        what is kept for the following tests is given to ``Sites.keep``.
        """

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL at which the site is visited first: ``http://localhost:8000``, without a slash at the end."""

    @abstractmethod
    def at(self, host: str, *, https: bool | None = None) -> str:
        """Return the site's URL under this host name, over https if so configured or asked for."""

    @abstractmethod
    def origin_of(self, url: str) -> str | None:
        """Return the origin of a URL of this site, as ``at`` spells it; None for a URL of another site."""

    @property
    def wire(self) -> Sequence[Exchange]:
        """The exchanges since the test began, oldest first; ``Exchange`` has their fields."""
        return self.recording.exchanges(self._wire_start)

    @abstractmethod
    def _cannot(self, what: str) -> CookieproofError:
        """Return the error that says that the site cannot do this, why, and what to do instead."""

    @property
    def sites(self) -> Mapping[str, Site]:
        """The further sites, by the hosts that ``sites`` of playwright.config.py gives them."""
        return {}

    @property
    def events(self) -> Sequence[Event]:
        """The events of this test that no exchange shows, for the report."""
        return self._events

    @property
    def https(self) -> Secure:
        """The same site over https, with a certificate that the run's browsers accept."""
        raise self._cannot("be given a certificate")

    @property
    def app_info(self) -> AppInfo:
        """Facts about the site that no browser shows."""
        raise self._cannot("be looked into")

    def check_host(self, host: str) -> None:  # noqa: B027
        """Raise ``CookieproofError`` if the site is known to refuse this host name."""

    def has_host(self, host: str) -> bool:
        """Return whether the site has this host, so that the probe can ask which cookies a browser sends to it."""
        return matches(host, self.recording.hosts.names)

    def is_named(self, host: str) -> bool:
        """Return whether visitors visit the site under this host at the default ports, 80 and 443."""
        return matches(host, self.recording.hosts.real)

    def own_url(self, url: str) -> str:
        """Return the URL at which the harness answers instead of the site: only the port differs.

        Cookies know no port (RFC 6265bis, 8.5); service workers, storage and policies of the site do not reach another
        port.
        """
        spec = urlsplit(url)
        return spec._replace(netloc=f"{spec.hostname}:{self.recording.own_port}").geturl()

    def own_page(self, origin: str, *, watched: bool = False) -> str:
        """Return the URL of the harness's page for this origin: a blank one, or the cookie inspector if ``watched``."""
        return urljoin(self.own_url(origin), COOKIE_INSPECTOR if watched else BLANK)

    def proxy(self, visitor: int, life: int) -> int:
        """Return the loopback port of the HTTP proxy of this visitor's browser in this life."""
        return self._proxies.port(visitor, life)

    def end(self) -> None:
        """Close the proxies of this test's visitors, whose browsers have ended."""
        self._proxies.close()

    def check_clock(self, offsets: tuple[Offset, ...]) -> None:  # noqa: B027
        """Raise ``CookieproofError`` if the site would not follow a move of these offsets of the clock."""

    def await_exchanges(self) -> None:
        """Wait until the site has answered the requests in flight, before the clock moves."""
        self.recording.wait_for_answers()

    def tell_failure(self) -> str:
        """Return a sentence for each request that the site failed to answer since the last call; else an empty text."""
        return self.recording.tell_failures()

    def tell_exposed(self) -> str:
        """Return a sentence if the site listens where other machines reach it, and end the site; else an empty text."""
        return ""

    def tell_refused(self) -> Sequence[str]:
        """Return the hosts that pages asked for since the last call and that were refused, since nobody named them."""
        return self.recording.tell_refused()

    def restart(self, *, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the site's process and start it again; ``env`` and Flask's ``config`` win over the configured values."""
        raise self._cannot("be restarted")

    @property
    def log(self) -> str:
        """The output of the site's process since the test began."""
        raise self._cannot("show its log")

    @property
    def told_log(self) -> str:
        """The site's log as the report shows it."""
        return self.log

    @property
    def death(self) -> str:
        """How the site's process ended by itself, as a sentence; an empty text while it lives, or if unknown."""
        return ""

    def await_death(self) -> str:
        """Return ``death``, after waiting a second for the process to end: a browser may notice the end first."""
        return self.death

    @property
    def death_is_told(self) -> bool:
        """Whether a step of the test has already failed with ``death``."""
        return self._death_is_told

    def tell_death(self, *, awaited: bool = False) -> str:
        """Return ``death``, or if ``awaited`` what ``await_death`` returns, and note that the caller fails with it."""
        death = self.await_death() if awaited else self.death
        self._death_is_told = self._death_is_told or bool(death)
        return death

    def note_move(self, move: Move) -> None:
        """Note for the report a move of the clock."""
        how = "" if len(move.offsets) > 1 else f" (only {move.offsets[0]})"
        self.note(MOVED, f"{in_words(move.by)}{' (pages awake)' if move.awake else how}")

    def note(self, what: str, detail: str = "", visitor: int | None = None, **more: Any) -> None:
        """Note for the report an ``Event`` that happens now."""
        self._events.append(Event(self._clock.now(), what, detail, visitor, **more))


class Secure:
    """A site over https, with ``url`` and ``at(host)`` as the site has them."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def url(self) -> str:
        return self.at(self._site.host)

    def at(self, host: str) -> str:
        return self._site.at(host, https=True)
