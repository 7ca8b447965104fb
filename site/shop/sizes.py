"""A session that has grown too large for a cookie is refused with a page that says so.

A browser drops a cookie of more than 4096 bytes without a word (RFC 6265bis, 5.7), and
Flask only warns in its log: the visitor would go on with the session of before, or none.
"""

from __future__ import annotations

from flask import Flask, Response, render_template
from flask.sessions import SecureCookieSessionInterface, SessionMixin

LARGEST = 4096  # bytes of name and value together


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions, in which nothing is lost silently."""

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
