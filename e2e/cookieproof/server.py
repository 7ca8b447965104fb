"""The parent's side of serving: a port that is kept, and a child process that is started and stopped."""

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

from cookieproof import wire
from cookieproof.clock import Clock
from cookieproof.errors import CookieproofError, wait_until
from cookieproof.serve import READY, Job

__tracebackhide__ = True  # a failure points at the line of the test

BOOT_SECONDS = 30.0
STOP_SECONDS = 5.0
# The app's folder comes first on the path, as under `flask --app`; this package's comes last.
CHILD = "import sys; sys.path.append(sys.argv.pop()); from cookieproof.serve import main; main()"


class Server:
    """One app on one loopback port.

    The listening socket belongs to this process, so a restart keeps the port and a
    request made meanwhile waits instead of failing.
    """

    def __init__(self, app: str, config: Mapping[str, Any], env: Mapping[str, str], root: Path, folder: Path) -> None:
        """``app`` is spelled as ``flask --app`` spells it, seen from ``root``; files go to ``folder``."""
        self.app, self.config, self.root = app, dict(config), root
        self.env = {**os.environ, **env}
        folder.mkdir(parents=True)
        self.log_file, self.wire_file = folder / "site.log", folder / "wire.jsonl"
        self.log_file.touch()
        self.wire_file.touch()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._child: subprocess.Popen[bytes] | None = None
        self._started_with: dict[str, Any] = {}
        self._failure: CookieproofError | None = None

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def ensure_plain(self) -> None:
        """Serve with the plain configuration; what failed once with it is not tried again."""
        if self._failure:
            raise self._failure
        if self._child and self._child.poll() is None and not self._started_with:
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
        log_start = self.log_file.stat().st_size
        with self.log_file.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-c", CHILD, str(Path(__file__).parent.parent)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.root,
                env=self.env,
                pass_fds=[self._socket.fileno()],
                start_new_session=True,  # Ctrl-C is for pytest, which still needs the site while it closes
            )
        assert self._child.stdin
        job = Job(self.app, pickled, self._socket.fileno(), token, self.wire_file)
        with contextlib.suppress(BrokenPipeError):  # it died already: its own words come below
            pickle.dump(job, self._child.stdin)
            self._child.stdin.flush()
        try:
            self._wait_until_ready(token, log_start)
        except BaseException:
            self.stop()
            raise

    def _wait_until_ready(self, token: str, log_start: int) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=BOOT_SECONDS)
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
        said = self.log_file.read_bytes()[log_start:].decode(errors="replace").strip().splitlines()
        raise CookieproofError(
            f'The site "{self.app}" did not start: its process ended with exit code {child.returncode}. '
            "Mend what it said last:\n" + "\n".join(f"    {line}" for line in said[-12:])
        )

    def stop(self) -> None:
        """End the child and whatever it started. The port stays."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        assert child.stdin
        child.stdin.close()

    def close(self) -> None:
        """End the child and give the port back."""
        self.stop()
        self._socket.close()


class Site:
    """The served app, as one test sees it.

    ``url`` is ``http://localhost:PORT``; ``log`` and ``wire`` hold what came since the test
    began.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._log_start = server.log_file.stat().st_size
        self._wire_start = server.wire_file.stat().st_size
        server.ensure_plain()

    @property
    def url(self) -> str:
        return self.at("localhost")

    def at(self, host: str) -> str:
        """The URL of this site under another host name.

        ``*.localhost`` names are trusted by browsers as ``localhost`` is; ``*.test`` names
        are not, as no name on the internet is (W3C Secure Contexts, section 3.1).
        """
        return f"http://{host}:{self._server.port}"

    def restart(self, **config: Any) -> None:
        """Stop the process and start it on the same port: the plain configuration plus these Flask values.

        The next test gets the plain configuration again. Raises ``CookieproofError`` with the
        app's own last lines if it does not start.
        """
        self._server.restart(**config)

    @property
    def log(self) -> str:
        """What the app and its server have printed since the test began."""
        return self._server.log_file.read_bytes()[self._log_start :].decode(errors="replace")

    @property
    def wire(self) -> list[wire.Exchange]:
        """The exchanges since the test began, oldest first; ``Exchange`` says what is in one."""
        return wire.read(self._server.wire_file, self._wire_start)


class Servers:
    """The apps that one worker serves: each is started when a test first asks, and kept until the run ends."""

    def __init__(self, root: Path, folder: Path, clock: Clock) -> None:
        self.root, self.folder, self.clock = root, folder, clock
        self._servers: dict[tuple[str, str], Server] = {}

    def site(self, app: str, config: Mapping[str, Any], env: Mapping[str, str]) -> Site:
        """The app for one test, with a log and a wire of the test's own.

        ``{tmp}`` in a text of ``config`` or ``env`` is a folder that all apps of this worker share.
        """
        config = {name: self._fill_in(value) for name, value in config.items()}
        env = {name: self._fill_in(value) for name, value in env.items()} | self.clock.env("site")
        key = (app, repr(sorted(config.items())))
        if key not in self._servers:
            self._servers[key] = Server(app, config, env, self.root, self.folder / f"site-{len(self._servers) + 1}")
        return Site(self._servers[key])

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
