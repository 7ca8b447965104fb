"""Decides by domain and path whether a cookie is sent to a URL."""

from __future__ import annotations


def domain_matches(domain: str, host: str) -> bool:
    """Return whether a cookie of this domain is sent to the host (domain-match, RFC 6265bis, 5.1.3).

    ``domain`` starts with a dot unless the cookie is host-only; both are in lower case.
    """
    return host == domain or (domain.startswith(".") and f".{host}".endswith(domain))


def path_matches(cookie_path: str, path: str) -> bool:
    """Return whether a cookie of this path is sent to ``path``, which has no query (path-match, RFC 6265bis, 5.1.4)."""
    return path == cookie_path or path.startswith(cookie_path.rstrip("/") + "/")
