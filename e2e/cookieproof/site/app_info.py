"""Facts about an app that its process writes to a file when it starts."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.sansio.utils import host_is_trusted

from cookieproof.errors import CookieproofError


@dataclass(frozen=True)
class AppInfo:
    """Facts about an app that no browser shows, as its process wrote them at its last start.

    ``session_cookie`` is the name of Flask's session cookie. ``secret_key`` is a digest of the key, None without one;
    ``trusted_hosts`` is empty for an app that trusts all; ``pages`` are the paths of GET routes without arguments.
    """

    session_cookie: str
    secret_key: str | None
    trusted_hosts: list[str]
    pages: list[str]

    def check_trust(self, host: str) -> None:
        """Raise ``CookieproofError`` for a host that the app refuses (TRUSTED_HOSTS)."""
        if self.trusted_hosts and not host_is_trusted(host, self.trusted_hosts):
            names = " and ".join(self.trusted_hosts)
            raise CookieproofError(
                f"The app answers only to {names} (TRUSTED_HOSTS), and would refuse {host} with 400: visit it there, "
                "by host= of visitor.goto and of Lifetime, or for its tests configure "
                'TRUSTED_HOSTS=["localhost", ".localhost"].'
            )
