"""The base class of what serves a site: an app's process, or the processes of a command."""

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
    """One start of a process, of which is known how it ended by itself."""

    @property
    def ending(self) -> str:
        """How it ended: ``with exit code 3``, ``by SIGKILL``; an empty text while it runs."""

    def await_end(self, seconds: float) -> None:
        """Wait until it has ended by itself, for so long at the most."""


class SiteProcess(ABC):
    """Serves a site on loopback, and can be ended and started again."""

    def __init__(self, folder: Path, title: str) -> None:
        """What it prints goes to a file in ``folder``, which must exist. ``title`` begins the sentence on its end."""
        self._output, self._title = Output(folder / "site.log"), title
        self._started_with: dict[str, Any] = {}
        self._failure: CookieproofError | None = None
        self._seen: frozenset[tuple[str, str]] = frozenset()

    @property
    def log_file(self) -> Path:
        """The file that takes all that it prints."""
        return self._output.file

    @property
    @abstractmethod
    def address(self) -> tuple[str, int]:
        """The host on loopback and the port at which it listens at present."""

    @property
    @abstractmethod
    def _watched(self) -> Watched | None:
        """Its present start; None while it is stopped."""

    @abstractmethod
    def _listeners(self) -> Sequence[Listener]:
        """Where its living processes listen."""

    @abstractmethod
    def restart(self, env: Mapping[str, str] | None = None, **config: Any) -> None:
        """Stop it and start it with ``env`` and ``config`` on top of what is configured. Raises ``CookieproofError``.

        ``_started_with`` holds these two afterwards.
        """

    @abstractmethod
    def off_the_clock(self) -> list[str]:
        """Its living processes that do not follow the clock, each as ``name (pid)``."""

    @abstractmethod
    def stop(self) -> None:
        """End it and whatever it has started."""

    @abstractmethod
    def close(self) -> None:
        """End it for good, and give its port back."""

    def ensure_plain(self) -> None:
        """Start it as configured, unless it runs so. Raises ``CookieproofError``, and the same one when asked again."""
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
        """Say in a sentence how it ended by itself, and what it said; an empty text if it has not.

        Waits ``within`` so many seconds for its end. ``answering`` says what it was doing.
        """
        watched = self._watched
        if watched and within:
            watched.await_end(within)
        ending = watched.ending if watched else ""
        return f"{self._title}'s process ended {ending}{answering}. {self._output.advice}" if ending else ""

    def beyond_loopback(self) -> list[str]:
        """Where its living processes listen beyond loopback, each as ``host:port``.

        It takes long to find out whose sockets they are, so it is asked only when the sockets that listen have changed.
        """
        if not self._watched or (now := listening_sockets()) == self._seen:
            return []
        self._seen = now
        return beyond_loopback(self._listeners())
