"""The shop's sign-ins and sign-outs, broken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, redirect, request, session
from werkzeug import Response

from selftests.support.broken_shop import must_fail, the_shop

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@must_fail(
    "sessions/test_sessions.py::test_who_is_signed_in_and_their_cart_end_with_the_browser_unless_they_are_kept",
    r"/whoami answered 500",
)
@must_fail("sessions/test_secret_key.py::test_a_new_key_logs_everyone_out_politely", r"/whoami answered 500")
@must_fail(
    "stores/test_session_stores.py::test_an_emptied_store_puts_everyone_out_politely",
    r"/whoami answered 500",
    store="file",
)
def the_articles_whoami() -> Flask:
    app = the_shop()
    app.view_functions["account.whoami"] = lambda: f'<b id="username">{session["username"]}</b>'
    return app


@must_fail(
    "sessions/test_sessions.py::test_signing_out_stays_signed_out_after_back_and_restart",
    r'cookie "session" should be deleted, but no response deleted it, and it lives on\.',
)
def sign_out_that_forgets_to_clear() -> Flask:
    app = the_shop()
    app.view_functions["account.sign_out"] = lambda: '<a href="/whoami">Nobody is signed in</a>'
    return app


BACK = "sessions/test_sessions.py::test_after_signing_out_back_shows_nothing_of_mine"


@must_fail(BACK, r"Back shows a page of Ada's, from disk: http://disk\.localhost:\d+/\n")
def pages_kept_in_the_cache() -> Flask:
    return _caching(the_shop(), "max-age=600")


@must_fail(BACK, r"Back shows a page of Ada's, from memory: http://memory\.localhost:\d+/\n")
def pages_that_are_private() -> Flask:
    return _caching(_without_reloading(the_shop()), "private")


@must_fail(BACK, r"Back shows a page of Ada's, from memory: http://memory\.localhost:\d+/\n")
def pages_that_say_nothing_of_caches() -> Flask:
    return _caching(_without_reloading(the_shop()), None)


@must_fail(
    "sessions/test_sessions.py::test_after_the_session_has_ended_back_shows_nothing_of_mine",
    r"Back shows a page of Ada's, from memory: http://localhost:\d+/whoami",
)
def pages_that_do_not_ask_anew() -> Flask:
    return _without_reloading(the_shop())


def _caching(app: Flask, cache_control: str | None) -> Flask:
    """The shop with this Cache-Control, or none, in each of its answers."""
    inner = app.wsgi_app
    new = [("Cache-Control", cache_control)] if cache_control else []

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            kept = [(name, value) for name, value in headers if name not in ("Cache-Control", "Vary")]
            return start_response(status, [*kept, *new], *exc_info)

        return inner(environ, start)

    app.wsgi_app = outer  # type: ignore[method-assign]
    return app


def _without_reloading(app: Flask) -> Flask:
    """The shop without the script that asks for a page anew that comes from memory."""

    @app.after_request
    def edit(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.set_data(response.get_data().replace(b"event.persisted", b"false"))
        return response

    return app


@must_fail(
    "sessions/test_sessions.py::test_one_value_leaves_the_session_and_the_rest_stays", r"assert \{\} == \{'apples': 1\}"
)
def a_sign_out_that_takes_the_cart() -> Flask:
    app = the_shop()
    app.view_functions["account.forget_me"] = app.view_functions["account.sign_out"]
    return app


@must_fail(
    "sessions/test_sessions.py::test_signing_in_again_starts_an_empty_session", r"assert \{'apples': 1\} == \{\}"
)
@must_fail(
    "sessions/test_who_must_stay_out.py::test_a_session_that_somebody_else_began",
    r"assert \{'apples': 1, 'cheese': 1\} == \{'cheese': 1\}",
)
def a_sign_in_that_keeps_the_last_ones_cart() -> Flask:
    app = the_shop()
    sign_in = app.view_functions["account.sign_in"]

    def keep() -> Any:
        kept = {key: value for key, value in session.items() if key == "cart"}
        response = sign_in()
        session.update(kept)
        return response

    app.view_functions["account.sign_in"] = keep
    return app


@must_fail("sessions/test_sessions.py::test_a_name_that_cannot_be_one_signs_nobody_in", r"assert 200 == 422")
def a_sign_in_with_any_name() -> Flask:
    app = the_shop()

    def sign_in() -> Response:
        session["username"] = request.form["username"]
        return redirect("/whoami")

    app.view_functions["account.sign_in"] = sign_in
    return app


@must_fail(
    "sessions/test_sessions.py::test_a_page_left_open_may_sign_out_whom_another_has_signed_out",
    r"Locator expected to be visible",
    button="Sign out, keep the cart",
)
def a_sign_out_that_must_find_a_name() -> Flask:
    app = the_shop()

    def forget_me() -> Response:
        del session["username"]
        return redirect("/whoami")

    app.view_functions["account.forget_me"] = forget_me
    return app
