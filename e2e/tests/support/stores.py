"""The stores that the shop can keep its sessions in, as tests need them: to look into, to empty, to stop and start."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import struct
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from redis import Redis, RedisCluster, RedisError

from cookieproof.errors import CookieproofError, wait_until

KINDS = ["file", "sql", "redis", "cluster"]
START_SECONDS = 20.0
SLOTS = 16384  # of a Redis Cluster
ENDS_WITH_US = ["setpriv", "--pdeathsig", "TERM"]  # whatever becomes of this process


class NoRedis(CookieproofError):
    """There is no redis-server on this machine."""


class Store(Protocol):
    """``url`` is what SESSION_STORE is. ``stop`` puts it out of reach, and ``start`` has it back with all it held."""

    url: str

    def ends(self, session_id: str) -> datetime | None:
        """When the record of this id is over (an aware UTC time), None if there is none."""

    def empty(self) -> None: ...
    def stop(self) -> None: ...
    def start(self) -> None: ...
    def close(self) -> None: ...


class Files:
    """A folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._away = folder / "sessions", folder / "away"
        self.url = f"file://{self._folder}"

    def ends(self, session_id: str) -> datetime | None:
        file = self._folder / sha256(f"session:{session_id}".encode()).hexdigest()
        return datetime.fromtimestamp(struct.unpack("I", file.read_bytes()[:4])[0], UTC) if file.exists() else None

    def empty(self) -> None:
        for file in self._folder.iterdir():
            file.unlink()

    def stop(self) -> None:
        self._folder.rename(self._away)

    def start(self) -> None:
        self._away.rename(self._folder)

    def close(self) -> None:
        pass


class Database:
    """SQLite, which has no server that could stop: its table is put out of reach."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "sessions.sqlite"
        self.url = f"sqlite:///{self._file}"

    def ends(self, session_id: str) -> datetime | None:
        with closing(sqlite3.connect(self._file)) as connection:
            find = "SELECT expiry FROM sessions WHERE session_id = ?"
            found = connection.execute(find, (f"session:{session_id}",)).fetchone()
        return datetime.fromisoformat(found[0]).replace(tzinfo=UTC) if found else None

    def empty(self) -> None:
        self._do("DELETE FROM sessions")

    def stop(self) -> None:
        self._do("ALTER TABLE sessions RENAME TO away")

    def start(self) -> None:
        self._do("ALTER TABLE away RENAME TO sessions")

    def close(self) -> None:
        pass

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """For this block it can be read, and not be written, as if its disk were full."""
        changes = ("INSERT", "UPDATE", "DELETE")
        for each in changes:
            self._do(f"CREATE TRIGGER no_{each} BEFORE {each} ON sessions BEGIN SELECT RAISE(ABORT, 'full'); END")
        try:
            yield
        finally:
            for each in changes:
                self._do(f"DROP TRIGGER no_{each}")

    def _do(self, statement: str) -> None:
        with closing(sqlite3.connect(self._file)) as connection, connection:
            connection.execute(statement)


class RedisServers:
    """Redis, or several that are the masters of a cluster, on loopback ports that stay theirs."""

    def __init__(self, folder: Path, env: Mapping[str, str], masters: int = 0) -> None:
        """``masters`` is how many a cluster has, 0 for a Redis that is none. Files go to ``folder``."""
        self._folder, self._env, self._processes = folder, {**os.environ, **env}, list[subprocess.Popen[bytes]]()
        self._is_cluster = masters > 0
        # A socket that is bound and does not listen keeps its port from everybody but who asks for it by number.
        self._sockets = [_bound_socket() for _ in range(2 * max(masters, 1))]
        ports = [each.getsockname()[1] for each in self._sockets]
        nodes, buses = ports[::2], ports[1::2]
        self._buses = dict(zip(nodes, buses, strict=True))
        self._nodes: dict[int, Any] = {port: Redis(port=port) for port in nodes}
        self.url = f"redis{'+cluster' * self._is_cluster}://127.0.0.1:{nodes[0]}"
        self._have_met = False
        self.start()
        self._client: Any = RedisCluster("127.0.0.1", nodes[0]) if self._is_cluster else self._nodes[nodes[0]]

    def ends(self, session_id: str) -> datetime | None:
        milliseconds = self._client.pexpiretime(f"session:{session_id}")
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds > 0 else None

    def empty(self) -> None:
        for node in self._nodes.values():
            node.flushall()

    def start(self) -> None:
        for port in self._nodes:
            self._processes.append(self._launch(port))
        for port in self._nodes:
            self._wait(port, "to answer", lambda node: node.ping())
        if not self._is_cluster:
            return
        if not self._have_met:
            self._introduce()
        complete = {"cluster_state": "ok", "cluster_known_nodes": str(len(self._nodes))}
        for port in self._nodes:
            self._wait(port, "to know its cluster", lambda node: complete.items() <= node.cluster("INFO").items())

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        folder = self._folder / str(port)
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        options += ["--save", "", "--appendonly", "yes"]  # what a stopped one held is there again
        if self._is_cluster:
            options += ["--cluster-enabled", "yes", "--cluster-port", str(self._buses[port])]
            options += ["--cluster-node-timeout", str(10**12)]  # the clock may move by years
        command = [*ENDS_WITH_US, "redis-server", *options]
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(command, env=self._env, stdout=log, stderr=log)

    def _introduce(self) -> None:
        slots = [SLOTS * number // len(self._nodes) for number in range(len(self._nodes) + 1)]
        for number, node in enumerate(self._nodes.values()):
            node.execute_command("CLUSTER ADDSLOTSRANGE", slots[number], slots[number + 1] - 1)
            for port, bus in self._buses.items():  # each meets all: they would hear of each other later
                node.execute_command("CLUSTER MEET", "127.0.0.1", port, bus)
        self._have_met = True

    def _wait(self, port: int, what: str, condition: Callable[[Any], Any]) -> None:
        def is_met() -> bool:
            for process in self._processes:
                if process.poll() is not None:
                    said = "".join(log.read_text()[-500:] for log in self._folder.glob("*/log"))
                    raise CookieproofError(f"redis-server ended with exit code {process.returncode}; it said:\n{said}")
            with suppress(RedisError):
                return bool(condition(self._nodes[port]))
            return False

        wait_until(is_met, f"Redis on port {port} {what}", START_SECONDS)

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(START_SECONDS)
        self._processes.clear()

    def close(self) -> None:
        self.stop()
        for each in self._sockets:
            each.close()


def _bound_socket() -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", 0))
    return bound


def make(kind: str, folder: Path, env: Mapping[str, str]) -> Store:
    """A store of this kind, one of KINDS. Raises ``NoRedis`` where there is none."""
    if kind == "file":
        return Files(folder)
    if kind == "sql":
        return Database(folder)
    if not shutil.which("redis-server"):
        raise NoRedis('There is no redis-server here: run "python -m cookieproof install redis", as make test does.')
    return RedisServers(folder, env, masters=3 if kind == "cluster" else 0)
