"""Who must stay out of the shop, let in."""

from __future__ import annotations

from flask import Flask, Request, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug import Response

from selftests.support.broken_shop import must_fail, the_shop, without_before_request
from shop import records
from shop.in_the_cookie import InTheCookie


class _AnySignature(InTheCookie):
    """Reads a session without looking at its signature."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not (cookie := request.cookies.get(self.get_cookie_name(app))):
            return SecureCookieSession()
        signer = self.get_signing_serializer(app)
        assert signer
        return SecureCookieSession(signer.load_payload(cookie.rsplit(".", 2)[0].encode()))


@must_fail("sessions/test_who_must_stay_out.py::test_a_session_that_was_tampered_with", r"assert 'Eve' is None")
def signatures_that_nobody_checks() -> Flask:
    app = the_shop()
    app.session_interface = _AnySignature()
    return app


@must_fail("sessions/test_who_must_stay_out.py::test_a_session_signed_with_another_key", r"assert 'Eve' is None")
def a_key_that_anyone_can_guess() -> Flask:
    return the_shop(SECRET_KEY="dev")


@must_fail(
    "sessions/test_who_must_stay_out.py::test_a_copy_of_a_session_once_its_owner_has_signed_out",
    r"assert 'Ada' is None",
    button="Sign out",
)
def a_sign_out_of_the_browser_alone() -> Flask:
    return without_before_request(the_shop(), "shop.sign_ins")


@must_fail(
    "sessions/test_who_must_stay_out.py::test_a_copy_of_a_session_once_its_owner_has_signed_out",
    r"assert 'Ada' is None",
    button="Sign out",
)
def sign_outs_that_a_restart_forgets() -> Flask:
    app = the_shop()
    with app.app_context(), records.database() as connection:
        connection.execute("DELETE FROM ended")
    return app


@must_fail("sessions/test_who_must_stay_out.py::test_a_cookie_planted_by_a_sibling_host", r"assert 'Eve' is None")
def a_session_name_that_siblings_can_plant() -> Flask:
    return the_shop(SESSION_COOKIE_SECURE=True)


@must_fail(
    "sessions/test_who_must_stay_out.py::test_a_form_that_another_site_sends", r"assert None == 'Ada'", same_site="None"
)
def forms_from_anywhere() -> Flask:
    return the_shop(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SAMESITE="None", SESSION_COOKIE_SECURE=True)


@must_fail("sessions/test_who_must_stay_out.py::test_a_form_that_another_site_sends", r"SameSite=Lax", same_site="Lax")
def a_session_that_other_sites_may_send() -> Flask:
    return the_shop(SESSION_COOKIE_SAMESITE="None", SESSION_COOKIE_SECURE=True)


@must_fail(
    "sessions/test_who_must_stay_out.py::test_a_script_that_reaches_for_the_session", r"assert 'session=.*' == ''"
)
def a_session_within_reach_of_scripts() -> Flask:
    return the_shop(SESSION_COOKIE_HTTPONLY=False)


@must_fail(
    "sessions/test_who_must_stay_out.py::test_a_session_can_be_read_by_anybody_and_says_nothing_that_they_may_not_know",
    r"assert \{'card'\} == set\(\)",
)
def a_session_that_tells_a_secret() -> Flask:
    app = the_shop()

    @app.before_request
    def tell() -> None:
        if "username" in session:
            session["card"] = "4111 1111 1111 1111"

    return app


@must_fail(
    "sessions/test_who_must_stay_out.py::test_behind_https_nobody_is_signed_in_over_plain_http", r"assert 'Ada' is None"
)
def a_session_over_plain_http() -> Flask:
    return the_shop(SESSION_COOKIE_SECURE=False)


@must_fail(
    "sessions/test_who_must_stay_out.py::test_a_name_of_any_characters_comes_back_as_it_was_given",
    r"Locator expected to have Value",
    name="漢字; 100 %, =",
)
def names_that_are_not_quoted() -> Flask:
    app = the_shop()

    @app.after_request
    def quote_nothing(response: Response) -> Response:
        if request.path == "/sign_in" and "remember" in request.form:
            response.set_cookie("remembered_name", request.form["username"])
        return response

    return app


class _OfAnySize(InTheCookie):
    save_session = SecureCookieSessionInterface.save_session


@must_fail(
    "sessions/test_who_must_stay_out.py::test_a_session_too_large_for_a_cookie_is_refused_and_nothing_is_lost",
    r"assert 200 == 413",
)
def a_session_of_any_size() -> Flask:
    app = the_shop()
    app.session_interface = _OfAnySize()
    return app
