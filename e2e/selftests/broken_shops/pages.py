"""The shop's pages, broken."""

from __future__ import annotations

from typing import Any

from flask import Flask, request, session
from werkzeug import Response

from selftests.support.broken_shop import must_fail, the_shop
from shop import cart


@must_fail(
    "pages/test_cart.py::test_two_visitors_and_a_private_window_share_nothing", r"assert \{'apples': 1\} == \{\}"
)
def one_cart_for_all() -> Flask:
    app = the_shop()
    everyones: dict[str, Any] = {}

    @app.before_request
    def share() -> None:
        session.update(everyones)

    @app.after_request
    def keep(response: Response) -> Response:
        everyones.update({key: value for key, value in session.items() if key == "cart"})
        return response

    return app


@must_fail(
    "pages/test_cart.py::test_removing_and_emptying_what_is_not_there_any_more_is_no_error",
    r"Locator expected to be visible",
)
def a_removal_that_must_find_the_goods() -> Flask:
    app = the_shop()
    cart_remove = app.view_functions["cart.remove"]

    def remove() -> Any:
        cart.contents().pop(request.form["item"])
        return cart_remove()

    app.view_functions["cart.remove"] = remove
    return app


@must_fail("pages/test_pages.py::test_a_form_without_its_token_changes_nothing", r"Locator expected to be visible")
def forms_that_need_no_token() -> Flask:
    return the_shop(WTF_CSRF_ENABLED=False)


@must_fail(
    "pages/test_pages.py::test_the_first_visit_holds_nothing_and_sets_nothing", r"assert \[\{'name': 'se.*\] == \[\]"
)
def a_session_for_everyone() -> Flask:
    app = the_shop()

    @app.before_request
    def begin() -> None:
        session["seen"] = True

    return app


@must_fail(
    "pages/test_theme.py::test_a_theme_outlives_the_browser_until_it_is_taken_back",
    r"\"theme\" in localStorage should be gone, but is there: ''",
)
def a_theme_that_is_never_removed() -> Flask:
    app = the_shop()

    @app.after_request
    def keep(response: Response) -> Response:
        if request.path.endswith("theme.js"):
            response.direct_passthrough = False
            response.set_data(response.get_data().replace(b"if (button.value)", b"if (true)"))
        return response

    return app


@must_fail(
    "pages/test_offline.py::test_signed_out_and_offline_nobody_sees_what_a_person_saw",
    r"assert 'Ada' not in (.*\n)*.*You are signed in as Ada",
)
def a_worker_that_keeps_what_was_visited() -> Flask:
    app = the_shop()
    kept = (
        b"const found = await fetch(request); (await caches.open('offline')).put(request, found.clone()); return found;"
    )

    @app.after_request
    def keep(response: Response) -> Response:
        if request.path == "/worker.js":
            response.direct_passthrough = False
            worker = response.get_data().replace(b"return await fetch(request);", kept)
            response.set_data(worker.replace(b'request.mode === "navigate" ? "/offline" : request', b"request"))
        return response

    return app
