"""The shop's cookies, broken."""

from __future__ import annotations

import threading
from urllib.parse import quote

from flask import Flask, redirect, request, session
from werkzeug import Response

from selftests.support.broken_shop import edit_set_cookie, must_fail, the_shop
from shop import cart
from tests.apps import limits


@must_fail(
    "cookies/test_out_of_reach.py::test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites",
    r'cookie "Itcast_1" should have http_only=True, but the site asked for http_only=False\.',
)
def script_readable_cookies() -> Flask:
    return edit_set_cookie(the_shop(), " HttpOnly;", "")


@must_fail(
    "cookies/test_out_of_reach.py::test_behind_https_every_cookie_can_be_secure",
    r'cookie "Itcast_1" should have secure=True, but the site asked for secure=False\.',
)
def secure_only_in_the_configuration() -> Flask:
    app = edit_set_cookie(the_shop(), " Secure;", "")
    app.config["SESSION_COOKIE_SECURE"] = True
    return app


@must_fail(
    "cookies/test_cookies_deleted.py::test_a_deleted_cookie_is_gone_at_once_and_no_other",
    r'cookie "Itcast_1" should be deleted, but it lives on: the response that deleted it set it again \(Itcast_1=',
)
def set_again_after_the_deletion() -> Flask:
    app = the_shop()

    @app.after_request
    def set_again(response: Response) -> Response:
        if request.path == "/delete_cookie" and "Itcast_1" in request.cookies:
            response.set_cookie("Itcast_1", "python_1")
        return response

    return app


@must_fail(
    "cookies/test_cookies_deleted.py::test_a_deleted_cookie_is_gone_at_once_and_no_other",
    r'cookie "Itcast_2" should be sent to /, but is not\.',
)
def deletion_of_everything() -> Flask:
    app = the_shop()

    @app.after_request
    def delete_more(response: Response) -> Response:
        if request.path == "/delete_cookie":
            for name in request.cookies:
                response.delete_cookie(name)
        return response

    return app


@must_fail(
    "cookies/test_cookies_deleted.py::test_reading_a_cookie_answers_sensibly_whether_it_is_there_or_not",
    r"Locator expected to be visible",
)
def none_after_the_deletion() -> Flask:
    app = the_shop()
    app.view_functions["cookies.get_cookie"] = lambda: request.cookies.get("Itcast_1")  # type: ignore[assignment]
    return app


@must_fail(
    "cookies/test_remembered_name.py::test_a_name_is_not_remembered_unasked",
    r'cookie "remembered_name" should never be set, but was\.',
)
def name_remembered_unasked() -> Flask:
    app = the_shop()

    @app.after_request
    def remember(response: Response) -> Response:
        if request.path == "/sign_in" and request.form:
            response.set_cookie("remembered_name", request.form["username"])
        return response

    return app


@must_fail(
    "cookies/test_remembered_name.py::test_a_remembered_name_is_filled_in_after_a_restart",
    r'cookie "remembered_name" should have http_only=False, but the site asked for http_only=True\.',
)
def name_out_of_reach_of_the_script() -> Flask:
    return edit_set_cookie(the_shop(), "$", "; HttpOnly", name="remembered_name")


@must_fail(
    "cookies/test_limits.py::test_a_value_comes_back_as_it_was_set",
    r"\{'value': 'Zo%C3%AB",
    value="Zoë, 漢字; 100 % \\ =",
)
def values_that_are_quoted_twice() -> Flask:
    app = limits.create_app()

    def value() -> Response:
        response = Response("set")
        response.set_cookie("value", quote(request.args["value"]))
        return response

    app.view_functions["value"] = value
    return app


@must_fail(
    "cookies/test_limits.py::test_tabs_that_fill_the_cart_at_once_lose_nothing", r"Right contains [12] more items?:"
)
def a_cart_in_the_session() -> Flask:
    """As the article has it. Three tabs meet in the middle, so that the last answer always wins."""
    app = the_shop()
    meeting = threading.Barrier(3)

    def add() -> Response:
        if session.get("bread"):  # only the first press comes
            meeting.wait(timeout=20)
        item = request.form["item"]
        session[item] = session.get(item, 0) + 1
        return redirect("/cart/")

    cart.contents = lambda: {item: session[item] for item in cart.GOODS if item in session}
    app.view_functions["cart.add"] = add
    return app
