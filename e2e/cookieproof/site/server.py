"""The parent's side of serving: a port that is kept, and a child process that is started and stopped."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import secrets
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.sansio.utils import host_is_trusted

from cookieproof.clock.clock import Clock
from cookieproof.cookies import exchange as wire
from cookieproof.cookies.timeline import MOVED, Event, in_words
from cookieproof.errors import CookieproofError, wait_until
from cookieproof.site.certificate import Certificate
from cookieproof.site.child import READY, TIME, Job, flask_variables, in_flight
from cookieproof.site.own_pages import BESIDE, BLANK
from cookieproof.site.process_watch import ProcessWatch
from cookieproof.site.sockets import Sockets

if TYPE_CHECKING:
    from playwright.sync_api import Response

__tracebackhide__ = True  # a failure points at the line of the test

MOST_LINES = 12  # of what a process said last
SET_UP_SECONDS = 100.0
BOOT_SECONDS = 30.0
STOP_SECONDS = 5.0
NOTICED_SECONDS = 1.0  # a process that has broken a connection by its end is known to have ended
# The app's folder comes first on the path, as under `flask --app`; this package's comes last.
CHILD = "import sys; sys.path.append(sys.argv.pop()); from cookieproof.site.child import main; main()"


class Server:
    """One app on loopback ports: http and https for the app, and the same for the harness's own pages.

    The listening sockets belong to this process, so a restart keeps the ports and a
    request made meanwhile waits instead of failing.
    """

    def __init__(
        self,
        app: str,
        config: Mapping[str, Any],
        env: Mapping[str, str],
        root: Path,
        folder: Path,
        certificate: Path,
    ) -> None:
        """``app`` is spelled as ``flask --app`` spells it, seen from ``root``; files go to ``folder``."""
        self._certificate = certificate
        self.app, self.config, self.root = app, dict(config), root
        self.env = {**os.environ, **env}
        folder.mkdir(parents=True)
        self.log_file, self.wire_file = folder / "site.log", folder / "wire.jsonl"
        self.facts_file, self.in_flight_file = folder / "facts.json", folder / "in-flight"
        self.log_file.touch()
        self.wire_file.touch()
        self._sockets = Sockets(*(socket.create_server(("127.0.0.1", 0), backlog=128) for _ in Sockets._fields))
        self._child: subprocess.Popen[bytes] | None = None
        self._watch: ProcessWatch | None = None
        self._log_start = 0  # where the log of the present process begins
        self._started_with: dict[str, Any] = {}
        self._failure: CookieproofError | None = None

    @property
    def ports(self) -> Sockets[int]:
        return Sockets(*(each.getsockname()[1] for each in self._sockets))

    def ensure_plain(self) -> None:
        """Serve with the plain configuration; what failed once with it is not tried again."""
        if self._failure:
            raise self._failure
        if self._watch and not self._watch.ending and not self._started_with:
            return
        try:
            self.restart()
        except CookieproofError as error:
            self._failure = error
            raise

    def restart(self, **config: Any) -> None:
        """Stop the child and start it on the same port, with ``config`` on top of the plain configuration."""
        self.stop()
        self._started_with = config
        token = secrets.token_hex(8)
        try:
            pickled = pickle.dumps(self.config | config)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CookieproofError(
                f"The site's configuration cannot be handed to its process: {error}. "
                "Use plain values: text, numbers, lists, dates, timedeltas."
            ) from error
        self._log_start = self.log_file.stat().st_size
        self.in_flight_file.write_bytes(b"")
        with self.log_file.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-c", CHILD, str(Path(__file__).parents[2])],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.root,
                env=self.env,
                pass_fds=[each.fileno() for each in self._sockets],
                start_new_session=True,  # Ctrl-C is for pytest, which still needs the site while it closes
            )
        assert self._child.stdin
        job = Job(
            self.app,
            pickled,
            Sockets(*(each.fileno() for each in self._sockets)),
            self.ports,
            self._certificate,
            token,
            self.wire_file,
            self.facts_file,
            self.in_flight_file,
        )
        with contextlib.suppress(BrokenPipeError):  # it died already: its own words come below
            pickle.dump(job, self._child.stdin)
            self._child.stdin.flush()
        try:
            self._wait_until_ready(token)
        except BaseException:
            self.stop()
            raise
        self._watch = ProcessWatch(self._child, self._sockets)

    def death(self, within: float = 0) -> str:
        """How the process ended by itself, while it did what, and what it said; an empty text if it has not.

        ``within`` so many seconds: for who has found a connection broken.
        """
        if self._watch and within:
            self._watch.await_end(within)
        ending = self._watch.ending if self._watch else ""
        if not ending:
            return ""
        asked = in_flight(self.in_flight_file.read_text())
        answering = f" while it answered {' and '.join(asked)}" if asked else ""
        said = self._said_last()
        told = f"Mend what it said last:\n{said}" if said else "It said nothing."
        return f"The site's process ended {ending}{answering}. {told}"

    def _said_last(self) -> str:
        said = self.log_file.read_bytes()[self._log_start :].decode(errors="replace").strip().splitlines()
        return "\n".join(f"    {line}" for line in said[-MOST_LINES:])

    def _wait_until_ready(self, token: str) -> None:
        connection = HTTPConnection("127.0.0.1", self.ports.http, timeout=BOOT_SECONDS)
        child = self._child
        assert child
        try:
            connection.request("GET", READY)
            # The kernel accepts the connection for a child that never will: watch both.
            wait_until(
                lambda: child.poll() is not None or select.select([connection.sock], [], [], 0)[0],
                f'the site "{self.app}" to start',
                BOOT_SECONDS,
            )
            with contextlib.suppress(HTTPException, OSError):
                if child.poll() is None and connection.getresponse().read().decode() == token:
                    return
        finally:
            connection.close()
        child.wait(STOP_SECONDS)
        raise CookieproofError(
            f'The site "{self.app}" did not start: its process ended with exit code {child.returncode}. '
            f"Mend what it said last:\n{self._said_last()}"
        )

    def ask(self, path: str) -> str:
        """What the child answers to a path of the harness's own."""
        connection = HTTPConnection("127.0.0.1", self.ports.http, timeout=BOOT_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except (HTTPException, OSError) as error:
            raise CookieproofError(self.death(NOTICED_SECONDS) or f"The site does not answer: {error}") from None
        finally:
            connection.close()

    def stop(self) -> None:
        """End the child and whatever it started. The ports stay."""
        child, self._child = self._child, None
        watch, self._watch = self._watch, None
        if child is None:
            return
        if watch:
            watch.stop()
        child.terminate()
        if watch:
            watch.wait(STOP_SECONDS)
        else:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if watch:
            watch.wait()
        assert child.stdin
        child.stdin.close()

    def close(self) -> None:
        """End the child and give the ports back."""
        self.stop()
        for each in self._sockets:
            each.close()


def _failure_of(command: str, config: Mapping[str, Any], env: Mapping[str, str], root: Path) -> str:
    """Run the set-up command: an empty text, or a sentence that says how it failed."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # for `flask`
    run = subprocess.Popen(
        command,
        shell=True,
        cwd=root,
        env={**os.environ, "PATH": path, **flask_variables(config), **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = run.communicate(timeout=SET_UP_SECONDS)
        how = f"failed with exit code {run.returncode}" if run.returncode else ""
    except BaseException as error:  # the test's own time may be over first
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        output, _ = run.communicate()
        if not isinstance(error, subprocess.TimeoutExpired):
            raise
        how = f"was ended after {SET_UP_SECONDS:g} s"
    if not how:
        return ""
    said = "".join(f"\n    {line}" for line in output.strip().splitlines()[-MOST_LINES:])
    return f"The site's set-up command `{command}` {how}. It said last:{said}"


@dataclass(frozen=True)
class Facts:
    """What no browser can see of an app: as its process told when it last started.

    ``secret_key`` is a digest of the key, None without one; ``trusted_hosts`` is empty for an app
    that trusts all; ``pages`` are the paths that can be visited without an argument.
    """

    session_cookie: str
    secret_key: str | None
    trusted_hosts: list[str]
    pages: list[str]

    def check_trust(self, host: str) -> None:
        """Raise ``CookieproofError`` for a host that the app is going to refuse."""
        if self.trusted_hosts and not host_is_trusted(host, self.trusted_hosts):
            raise CookieproofError(
                f"The app answers to {' and '.join(self.trusted_hosts)} alone (TRUSTED_HOSTS), and would "
                f'refuse {host} with 400: for its tests configure TRUSTED_HOSTS=["localhost", ".localhost"].'
            )


class Site:
    """The served app, as one test sees it.

    ``url`` is ``http://localhost:PORT``, or https where that is configured; ``log`` and ``wire``
    hold what came since the test began.
    """

    host = "localhost"
    served = True
    death_is_told = False  # whether a step of the test has failed by it

    def __init__(self, server: Server, clock: Clock, *, https: bool = False) -> None:
        """``https`` says which scheme is meant where none is named."""
        self._server, self._clock, self._https = server, clock, https
        self.events: list[Event] = []
        self._log_start = server.log_file.stat().st_size
        self._wire_end, self._exchanges = server.wire_file.stat().st_size, list[wire.Exchange]()
        server.ensure_plain()
        self.facts.check_trust("localhost")

    @property
    def facts(self) -> Facts:
        """What the app's process told when it last started."""
        return Facts(**json.loads(self._server.facts_file.read_text()))

    @property
    def url(self) -> str:
        return self.at("localhost")

    @property
    def https(self) -> Secure:
        """The same app over https, with a certificate that the run's browsers accept."""
        return Secure(self)

    def at(self, host: str, *, https: bool | None = None) -> str:
        """The URL of this site under another host name, over https if so configured or asked for.

        ``*.localhost`` names are trusted by browsers as ``localhost`` is; ``*.test`` names
        are not, as no name on the internet is (W3C Secure Contexts, section 3.1).
        """
        is_https = self._https if https is None else https
        ports = self._server.ports
        return f"https://{host}:{ports.https}" if is_https else f"http://{host}:{ports.http}"

    def own_url(self, url: str) -> str:
        """The URL at which the harness answers in place of this one: scheme, host and path are the same.

        Cookies know no port (RFC 6265bis, 8.5); service workers, storage and policies of the site end at it.
        """
        asked, ports = urlsplit(url), self._server.ports
        port = ports.own_https if asked.scheme == "https" else ports.own_http
        return asked._replace(netloc=f"{asked.hostname}:{port}").geturl()

    def own_page(self, origin: str, *, watched: bool = False) -> str:
        """The URL of the harness's page: blank, or for a person who watches one that explains cookies."""
        return self.own_url(origin + (BESIDE if watched else BLANK))

    def origin_of(self, url: str) -> str | None:
        """Which ``at`` a URL of this site belongs to, None for a URL of another."""
        host = urlsplit(url).hostname or ""
        origins = (self.at(host, https=False), self.at(host, https=True))
        return next((origin for origin in origins if url == origin or url.startswith(origin + "/")), None)

    def restart(self, **config: Any) -> None:
        """Stop the process and start it on the same port: the plain configuration plus these Flask values.

        The next test gets the plain configuration again. Raises ``CookieproofError`` with the
        app's own last lines if it does not start.
        """
        if (death := self.death) and not self.death_is_told:
            self.death_is_told = True
            raise CookieproofError(death)  # else nobody would hear of it
        self._server.restart(**config)
        self.death_is_told = False
        self.note("site restarted", ", ".join(config))

    @property
    def death(self) -> str:
        """How the site's process ended by itself, in a sentence with what it said last; an empty text while it lives.

        A restart begins anew.
        """
        return self._server.death()

    def await_death(self) -> str:
        """``death``, for who has just met an error that it would explain: known later than it is felt."""
        return self._server.death(NOTICED_SECONDS)

    def note_move(self, by: timedelta, hands: tuple[str, ...]) -> None:
        """Remember for the report that the clock was moved by so much."""
        whose = "" if len(hands) > 1 else f" ({hands[0]} alone)"
        self.note(MOVED, f"{in_words(by)}{whose}")
        self._clock.check("site", "the site", self._time_shown)

    def _time_shown(self) -> datetime:
        return datetime.fromtimestamp(float(self._server.ask(TIME)), UTC)

    def note(self, what: str, detail: str = "", visitor: int | None = None, **more: Any) -> None:
        """Remember for the report what has just happened: an ``Event``."""
        self.events.append(Event(self._clock.now(), what, detail, visitor, **more))

    @property
    def log(self) -> str:
        """What the app and its server have printed since the test began."""
        return self._server.log_file.read_bytes()[self._log_start :].decode(errors="replace")

    @property
    def wire(self) -> list[wire.Exchange]:
        """The exchanges since the test began, oldest first; ``Exchange`` says what is in one."""
        more, self._wire_end = wire.read(self._server.wire_file, self._wire_end)
        self._exchanges += more
        return self._exchanges.copy()

    def write_down(self, visitor: int, life: int, time: datetime, response: Response) -> None:
        """Not needed: a site that is served here tells its side of the wire."""


class Secure:
    """A site over https: ``url`` and ``at(host)``, as the site itself has them."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def url(self) -> str:
        return self.at("localhost")

    def at(self, host: str) -> str:
        return self._site.at(host, https=True)


class Elsewhere(Site):
    """A site that somebody else runs: what crossed is told by the visitors' browsers; its process is out of reach."""

    served = False

    def __init__(self, url: str, clock: Clock) -> None:
        self._clock, self.events, self._exchanges = clock, [], []
        self.base_url, self.host = url.rstrip("/"), urlsplit(url).hostname or ""
        if urlsplit(url).scheme not in ("http", "https") or not self.host:
            raise CookieproofError(f'The base URL "{url}" is none: spell it "https://shop.example".')

    @property
    def url(self) -> str:
        return self.base_url

    @property
    def wire(self) -> list[wire.Exchange]:
        """What visitors' browsers told of their exchanges, until each visitor's own ``wire`` or end; oldest first."""
        return sorted(self._exchanges, key=lambda exchange: exchange.time)

    def write_down(self, visitor: int, life: int, time: datetime, response: Response) -> None:
        """Take in what a browser tells of an exchange: ``time`` is the browser's hand of the clock."""
        request = response.request
        url, headers = urlsplit(request.url), request.all_headers()
        if not self.origin_of(request.url):
            return
        set_cookies = [each["value"] for each in response.headers_array() if each["name"].lower() == "set-cookie"]
        exchange = wire.Exchange(
            visitor=visitor,
            life=life,
            time=time,
            method=request.method,
            host=self.host,
            path=url.path or "/",
            status=response.status,
            scheme=url.scheme,
            fetch_site=headers.get("sec-fetch-site"),
            fetch_mode=headers.get("sec-fetch-mode"),
            fetch_dest=headers.get("sec-fetch-dest"),
            cookie=headers.get("cookie"),
            set_cookies=tuple(wire.SetCookie(line) for each in set_cookies for line in each.split("\n")),
            location=response.headers.get("location"),
            clear_site_data=response.headers.get("clear-site-data"),
        )
        self._exchanges.append(exchange)

    @property
    def https(self) -> Secure:
        raise self._cannot("be given a certificate")

    @property
    def facts(self) -> Facts:
        raise self._cannot("be looked into, nor give each lifetime a host of its own,")

    def at(self, host: str, *, https: bool | None = None) -> str:
        """Its URL, which has one host and one scheme."""
        if host != self.host:
            raise self._cannot(f"be reached as {host}")
        return self.base_url

    def own_url(self, url: str) -> str:
        raise self._cannot("answer for the harness")

    def origin_of(self, url: str) -> str | None:
        return self.base_url if url.partition("?")[0] == self.base_url or url.startswith(self.base_url + "/") else None

    @property
    def death(self) -> str:
        """An empty text: whether it lives is not known here."""
        return ""

    def await_death(self) -> str:
        return ""

    def restart(self, **config: Any) -> None:
        raise self._cannot("be restarted")

    @property
    def log(self) -> str:
        raise self._cannot("show its log")

    def _cannot(self, what: str) -> CookieproofError:
        return CookieproofError(
            f"{self.base_url} runs elsewhere and cannot {what} from here: let the harness serve the app (--site)."
        )


class Servers:
    """The apps that one worker serves: each is started when a test first asks, and kept until the run ends."""

    def __init__(self, root: Path, folder: Path, clock: Clock) -> None:
        self.root, self.folder, self.clock = root, folder, clock
        self.certificate = Certificate(folder)
        self._servers: dict[tuple[str, str], Server] = {}
        self._set_up: dict[str, str] = {}  # what went wrong, by command

    def site(
        self, app: str, config: Mapping[str, Any], env: Mapping[str, str], setup: str = "", *, https: bool = False
    ) -> Site:
        """The app for one test, with a log and a wire of the test's own.

        ``setup`` is a shell command, which runs once before. ``{tmp}`` in a text is a folder
        that all apps of this worker share. ``https`` is whether the site's URLs are https by default.
        """
        config = {name: self._fill_in(value) for name, value in config.items()}
        env = {name: self._fill_in(value) for name, value in env.items()} | self.clock.env("site")
        key = (app, repr(sorted(config.items())))
        if setup and setup not in self._set_up:
            self._set_up[setup] = _failure_of(self._fill_in(setup), config, env, self.root)
        if failure := self._set_up.get(setup):
            raise CookieproofError(failure)
        if key not in self._servers:
            folder = self.folder / f"site-{len(self._servers) + 1}"
            self._servers[key] = Server(app, config, env, self.root, folder, self.certificate.file)
        return Site(self._servers[key], self.clock, https=https)

    def _fill_in(self, value: Any) -> Any:
        if not isinstance(value, str) or "{tmp}" not in value:
            return value
        folder = self.folder / "tmp"
        folder.mkdir(exist_ok=True)
        return value.replace("{tmp}", str(folder))

    def stop(self) -> None:
        """Stop every app; each starts again when a test asks."""
        for server in self._servers.values():
            server.stop()

    def close(self) -> None:
        """Stop every app and give the ports back."""
        for server in self._servers.values():
            server.close()
