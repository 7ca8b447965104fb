"""What a new key does to the shop's sessions, broken."""

from __future__ import annotations

import os

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from selftests.support.broken_shop import must_fail, the_shop, without_before_request
from shop.in_the_cookie import InTheCookie


@must_fail(
    "sessions/test_secret_key.py::test_a_restart_with_the_same_key_keeps_everyone_signed_in", r"assert None == 'Ada'"
)
def a_key_of_each_start() -> Flask:
    return the_shop(SECRET_KEY=os.urandom(24))


class _WithoutFallbacks(InTheCookie):
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        app.config["SECRET_KEY_FALLBACKS"] = None
        return super().get_signing_serializer(app)


@must_fail(
    "sessions/test_secret_key.py::test_with_the_old_key_as_a_fallback_everyone_stays_and_moves_to_the_new_one",
    r"assert None == 'Ada'",
)
def fallbacks_ignored() -> Flask:
    app = the_shop()
    app.session_interface = _WithoutFallbacks()
    return app


@must_fail(
    "sessions/test_secret_key.py::test_with_the_old_key_as_a_fallback_everyone_stays_and_moves_to_the_new_one",
    r"assert None == 'Ada'",
)
def fallbacks_for_ever() -> Flask:
    return without_before_request(the_shop(SESSION_REFRESH_EACH_REQUEST=False), "shop.keys")
