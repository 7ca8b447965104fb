"""The base class of the processes that serve a site: an app's process, or those of a command."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from cookieproof.errors import CookieproofError
from cookieproof.site.output import Output
from cookieproof.site.ports import Listener, beyond_loopback, listening_sockets

__tracebackhide__ = True  # a failure points at the line of the test


class Watched(Protocol):
    """A running or ended process that knows how it ended by itself."""

    @property
    def ending(self) -> str:
        """How the process ended: ``with exit code 3``, ``by SIGKILL``; an empty text while it runs."""

    def await_end(self, seconds: float) -> None:
        """Wait until the process has ended by itself, for so many seconds at most."""


class SiteProcess(ABC):
    """Serves a site on loopback, and can be ended and started again."""

    def __init__(self, folder: Path, title: str) -> None:
        """Write the output to a file in ``folder``, which must exist; ``title`` begins an error about its end."""
        self._output, self._title = Output(folder / "site.log"), title
        self._started_with: dict[str, Any] = {}
        self._failure: CookieproofError | None = None
        self._seen: frozenset[tuple[str, str]] = frozenset()

    @property
    def log_file(self) -> Path:
        """The file with all output of the process."""
        return self._output.file

    @property
    @abstractmethod
    def address(self) -> tuple[str, int]:
        """The loopback host and the port on which the process listens at present."""

    @property
    @abstractmethod
    def _watched(self) -> Watched | None:
        """The process of the present start; None while it is stopped."""

    @abstractmethod
    def _listeners(self) -> Sequence[Listener]:
        """Return the sockets on which the living processes listen."""

    @abstractmethod
    def restart(self, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop the process and start it; ``env`` and ``config`` win over the configured values.

        ``_started_with`` holds these two afterwards. Raises ``CookieproofError`` if it does not start.
        """

    @abstractmethod
    def off_the_clock(self) -> list[str]:
        """Return the living processes that do not follow the clock, each as ``name (pid)``."""

    @abstractmethod
    def stop(self) -> None:
        """End the process and all processes that it has started."""

    @abstractmethod
    def close(self) -> None:
        """End the process for good, and release its port."""

    def ensure_as_configured(self) -> None:
        """Start the process as configured, unless it runs so.

        Raises ``CookieproofError`` if it does not start, and the same error at each later call.
        """
        if self._failure:
            raise self._failure
        if self._watched and not self._watched.ending and not self._started_with:
            return
        try:
            self.restart()
        except CookieproofError as error:
            self._failure = error
            raise

    def death(self, within: float = 0, answering: str = "") -> str:
        """Return how the process ended by itself, as a sentence with its last output; an empty text if it has not.

        ``within`` is for how many seconds to wait for its end. ``answering`` says what it was doing.
        """
        watched = self._watched
        if watched and within:
            watched.await_end(within)
        ending = watched.ending if watched else ""
        return f"{self._title}'s process ended {ending}{answering}. {self._output.advice}" if ending else ""

    def beyond_loopback(self) -> list[str]:
        """Return the sockets of the living processes that other machines can reach, each as ``host:port``.

        To find the processes of sockets takes long, so it is done only when the listening sockets have changed.
        """
        if not self._watched or (now := listening_sockets()) == self._seen:
            return []
        self._seen = now
        return beyond_loopback(self._listeners())
