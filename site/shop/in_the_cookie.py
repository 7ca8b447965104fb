"""Sessions in the cookie itself, as Flask keeps them: signed, so that nobody can change them.

One that has grown too large for a cookie is refused with a page that says so. A browser
drops a cookie of more than 4096 bytes without a word (RFC 6265bis, 5.7), and Flask only
warns in its log: the visitor would go on with the session of before, or none.
"""

from __future__ import annotations

from datetime import datetime

from flask import Flask, Response, current_app, render_template
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadSignature

LARGEST = 4096  # bytes of name and value together


class InTheCookie(SecureCookieSessionInterface):
    """Flask's own sessions, in which nothing is lost silently."""

    purpose = "your session: signed, so nobody can change it; not encrypted"
    refusal = "this site did not sign it with its present key"

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        signer = self.get_signing_serializer(app)
        assert signer  # without a SECRET_KEY the shop does not start
        size = len(self.get_cookie_name(app)) + len(signer.dumps(dict(session)))
        if size <= LARGEST:
            super().save_session(app, session, response)
            return
        # The session of before stays, since no Set-Cookie replaces it.
        response.status_code = 413
        response.headers.pop("Location", None)
        response.set_data(render_template("too_large.html"))

    def accepts(self, cookie: str) -> bool:
        """Whether this cookie is a session."""
        return self.changed_at(cookie) is not None

    def changed_at(self, cookie: str) -> datetime | None:
        """When Flask signed this session (an aware UTC time), None if it never did."""
        signer = self.get_signing_serializer(current_app)
        assert signer
        try:
            moment: datetime = signer.loads(cookie, return_timestamp=True)[1]
        except BadSignature:
            return None
        return moment

    def renew_id(self, session: SessionMixin) -> None:
        """Nothing to do: the cookie is the whole session, and has no id that somebody could know before."""
