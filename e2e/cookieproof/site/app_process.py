"""The process that serves an app: its ports, its start, its end, and what it said."""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from cookieproof.errors import CookieproofError, wait_until
from cookieproof.site.job import READY, Job
from cookieproof.site.middleware import in_flight
from cookieproof.site.output import Output
from cookieproof.site.process_watch import ProcessWatch
from cookieproof.site.sockets import Sockets

__tracebackhide__ = True  # a failure points at the line of the test

BOOT_SECONDS = 30.0
STOP_SECONDS = 5.0
NOTICED_SECONDS = 1.0  # a process that has broken a connection by its end is known to have ended
# The app's folder comes first on the path, as under `flask --app`; this package's comes last.
CHILD = "import sys; sys.path.append(sys.argv.pop()); from cookieproof.site.child import main; main()"


class AppProcess:
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
        self._output, self.wire_file = Output(folder / "site.log"), folder / "wire.jsonl"
        self.facts_file, self.in_flight_file = folder / "facts.json", folder / "in-flight"
        self.wire_file.touch()
        self._sockets = Sockets(*(socket.create_server(("127.0.0.1", 0), backlog=128) for _ in Sockets._fields))
        self._child: subprocess.Popen[bytes] | None = None
        self._watch: ProcessWatch | None = None
        self._started_with: dict[str, Any] = {}
        self._failure: CookieproofError | None = None

    @property
    def log_file(self) -> Path:
        return self._output.file

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

    def restart(self, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the child and start it on the same port, with ``config`` and ``env`` on top of the plain ones."""
        self.stop()
        self._started_with = {**config, **(env or {})}
        token = secrets.token_hex(8)
        try:
            pickled = pickle.dumps(self.config | config)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise CookieproofError(
                f"The site's configuration cannot be handed to its process: {error}. "
                "Use plain values: text, numbers, lists, dates, timedeltas."
            ) from error
        self._output.begin()
        self.in_flight_file.write_bytes(b"")
        with self.log_file.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-c", CHILD, str(Path(__file__).parents[2])],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.root,
                env={**self.env, **(env or {})},
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
        return f"The site's process ended {ending}{answering}. {self._output.advice}"

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
            f"{self._output.advice}"
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
