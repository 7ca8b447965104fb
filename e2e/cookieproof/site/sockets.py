"""The ports of a site: two for the app, and two for what the harness answers in its place."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Sockets(NamedTuple, Generic[T]):
    """The same for each port, whatever it is: a socket, its file descriptor, its number."""

    http: T
    https: T
    own_http: T
    own_https: T
