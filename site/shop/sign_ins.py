"""A sign-in, from its beginning to its end, which the server decides and not the browser.

Flask's session is a signed cookie: whoever has a copy of it is its owner until the
signature is too old, whatever became of the cookie itself. So each sign-in has an id, the
server remembers which have ended, and one that was to end with the browser ends after
``BROWSER_SESSION_LIFETIME`` in any case: a browser may restore its session, crash, or
never be closed.

Sessions on the server need it too: a request that was on its way while its visitor signed
out writes the record anew when it ends.
"""

from __future__ import annotations

import secrets
import time

from flask import Flask, current_app, session

from shop.records import database
from shop.stores import sessions


def init_app(app: Flask) -> None:
    app.before_request(_end_what_is_over)


def begin(name: str, *, keep: bool) -> None:
    """Sign in. Nothing that was put into the session before it had an owner stays, nor does its id."""
    sessions().renew_id(session)  # first, since a store that does not answer must end nothing
    end()
    session["username"] = name
    session["sign_in"] = secrets.token_hex(16)
    session.permanent = keep
    if not keep:
        session["until"] = time.time() + current_app.config["BROWSER_SESSION_LIFETIME"].total_seconds()


def end(*, keep_the_rest: bool = False) -> None:
    """Sign out for good: every copy of the session is refused from now on."""
    if keep_the_rest:
        sessions().renew_id(session)
    if sign_in := session.get("sign_in"):
        now = time.time()
        # By then the signature of any copy is too old.
        until = now + current_app.permanent_session_lifetime.total_seconds()
        with database() as connection:
            connection.execute("INSERT OR IGNORE INTO ended VALUES (?, ?)", (sign_in, until))
            connection.execute("DELETE FROM ended WHERE until < ?", (now,))
    if keep_the_rest:
        for key in ("username", "sign_in", "until"):
            session.pop(key, None)  # whether it is there or not
    else:
        session.clear()


def _end_what_is_over() -> None:
    if session.get("until", float("inf")) < time.time() or _has_ended(session.get("sign_in")):
        session.clear()


def _has_ended(sign_in: str | None) -> bool:
    if sign_in is None:
        return False
    with database() as connection:
        return connection.execute("SELECT 1 FROM ended WHERE sign_in = ?", (sign_in,)).fetchone() is not None
