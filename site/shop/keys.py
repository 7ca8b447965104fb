"""Moving to a new SECRET_KEY without logging anybody out."""

from __future__ import annotations

from flask import Flask, current_app, request, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature


def init_app(app: Flask) -> None:
    """Have every visit of a session that an old key signed sign it anew.

    Flask accepts the keys in SECRET_KEY_FALLBACKS but leaves such a session as it is, so
    that dropping a fallback would log its owner out. Signed anew, it also starts its
    lifetime anew.
    """
    app.before_request(_move_to_the_new_key)


def _move_to_the_new_key() -> None:
    cookie = request.cookies.get(current_app.config["SESSION_COOKIE_NAME"])
    if not cookie or not current_app.config["SECRET_KEY_FALLBACKS"] or not session:
        return
    signer = SecureCookieSessionInterface().get_signing_serializer(current_app)
    assert signer  # without a SECRET_KEY the shop does not start
    signer.secret_keys = signer.secret_keys[-1:]  # only the newest
    try:
        signer.loads(cookie)
    except BadSignature:
        session.modified = True
