"""How long the shop's sessions last, broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SessionMixin

from selftests.support.broken_shop import must_fail, the_shop
from shop.in_the_cookie import InTheCookie


class _Accepts(InTheCookie):
    """Signs as Flask does, and accepts signatures of another age than the configured one."""

    def __init__(self, lifetime: timedelta) -> None:
        self.lifetime = lifetime

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        configured, app.permanent_session_lifetime = app.permanent_session_lifetime, self.lifetime
        try:
            return super().open_session(app, request)
        finally:
            app.permanent_session_lifetime = configured


@must_fail("sessions/test_session_lifetimes.py::test_only_the_site_ends_it_by_refusing_it", r"assert False")
def a_site_that_refuses_1_percent_early() -> Flask:
    app = the_shop(SESSION_REFRESH_EACH_REQUEST=False)
    app.session_interface = _Accepts(timedelta(days=7) * 0.99)
    return app


@must_fail("sessions/test_session_lifetimes.py::test_only_the_site_ends_it_by_refusing_it", r"assert 'Ada' is None")
def a_site_that_accepts_for_a_year() -> Flask:
    app = the_shop(SESSION_REFRESH_EACH_REQUEST=False)
    app.session_interface = _Accepts(timedelta(days=365))
    return app


@must_fail(
    "sessions/test_session_lifetimes.py::test_a_visit_each_6_days_keeps_it_alive_for_24_days",
    r'cookie "session" should expire 7 days after it was set .*, but expires|assert None == \'Ada\'',
)
def a_session_never_renewed() -> Flask:
    return the_shop(SESSION_REFRESH_EACH_REQUEST=False)


class _AYearInTheBrowser(InTheCookie):
    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        return datetime.now(UTC) + timedelta(days=365)


@must_fail(
    "sessions/test_session_lifetimes.py::test_only_the_browser_ends_it_by_no_longer_sending_it",
    r'cookie "session" should not be sent to /, but is\.',
)
def a_session_that_the_browser_keeps_for_a_year() -> Flask:
    app = the_shop(SESSION_REFRESH_EACH_REQUEST=False)
    app.session_interface = _AYearInTheBrowser()
    return app


@must_fail(
    "sessions/test_session_lifetimes.py::test_a_session_that_a_browser_brings_back_ends_after_an_hour_all_the_same",
    r"assert 'Ada' is None",
)
def a_sign_in_without_a_limit() -> Flask:
    return the_shop(BROWSER_SESSION_LIFETIME=timedelta(days=6))
