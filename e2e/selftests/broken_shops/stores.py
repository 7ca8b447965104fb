"""The shop's sessions on the server, broken."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request

from selftests.support.broken_shop import must_fail, the_shop, without_before_request
from shop.in_the_cookie import InTheCookie
from tests.apps import slow_page


@must_fail(
    "stores/test_session_stores.py::test_sessions_end_with_the_browser_or_7_days_after_the_last_visit",
    r"assert \{'apples': 1\} == \{\}",
    store="file",
)
def sessions_that_flask_session_makes_permanent() -> Flask:
    return the_shop(SESSION_PERMANENT=True)  # its default


@must_fail(
    "stores/test_session_stores.py::test_sessions_end_with_the_browser_or_7_days_after_the_last_visit",
    r"assert datetime.timedelta\(days=[67].*\) < datetime.timedelta\(seconds=5\)",
    store="file",
)
def records_that_outlive_their_cookies() -> Flask:
    app = the_shop()
    store = app.session_interface.store  # type: ignore[attr-defined]
    write = store._upsert_session
    store._upsert_session = lambda lifetime, *rest: write(lifetime * 2, *rest)
    return app


@must_fail(
    "stores/test_session_stores.py::test_a_restart_with_another_key_logs_nobody_out",
    r"assert None == 'Ada'",
    store="file",
)
def ids_that_are_signed() -> Flask:
    return the_shop(SESSION_USE_SIGNER=True)


@must_fail(
    "stores/test_session_stores.py::test_an_id_is_the_shops_own_and_for_one_sign_in",
    r"(?s)Locator expected to be visible.*refused: this site has no session of this id",
    store="file",
)
def ids_that_anyone_may_make_up() -> Flask:
    """As in Flask-Session before 0.6."""
    app = the_shop()
    store = app.session_interface.store  # type: ignore[attr-defined]
    open_session = store.open_session

    def adopt(app: Flask, request: Request) -> Any:
        opened = open_session(app, request)
        opened.sid = request.cookies.get("session", opened.sid)
        return opened

    store.open_session = adopt
    return app


@must_fail(
    "stores/test_session_stores.py::test_an_id_is_the_shops_own_and_for_one_sign_in", r"assert 1 == 3", store="file"
)
def an_id_for_all_sign_ins() -> Flask:
    app = the_shop()
    app.session_interface.renew_id = lambda session: None  # type: ignore[attr-defined]
    return app


@must_fail(
    "stores/test_session_stores.py::test_signing_out_deletes_the_record_and_with_it_every_copy",
    r"assert datetime.datetime\(.*\) is None",
    store="file",
)
def a_sign_out_that_leaves_the_record() -> Flask:
    app = the_shop()
    app.session_interface.store._delete_session = lambda key: None  # type: ignore[attr-defined]
    return app


@must_fail(
    "stores/test_session_stores.py::test_a_page_on_its_way_during_the_sign_out_lets_nobody_in_again",
    r"assert not True",
    store="file",
)
def a_sign_out_that_a_slow_page_undoes() -> Flask:
    return without_before_request(slow_page.create_app(), "shop.sign_ins")


@must_fail(
    "stores/test_session_stores.py::test_the_cookie_holds_an_id_and_nothing_else_of_whatever_size",
    r"Locator expected to have Value",
    store="file",
)
def a_session_in_the_cookie() -> Flask:
    app = the_shop()
    app.session_interface = InTheCookie()
    return app


@must_fail(
    "stores/test_session_stores.py::test_while_the_store_is_down_a_page_says_so_and_nobody_is_signed_out",
    r"assert .*500 == 503",
    store="file",
)
@must_fail(
    "stores/test_session_stores.py::test_while_the_store_takes_nothing_nobody_is_signed_out_either",
    r"assert .*\[500, 500\] == \[503, 503\]",
    store="sql",
)
def a_store_that_fails_with_an_error() -> Flask:
    """As Flask-Session by itself does."""
    app = the_shop()
    app.session_interface.failures = ()  # type: ignore[attr-defined]
    return app


@must_fail(
    "stores/test_session_stores.py::test_while_the_store_is_down_a_page_says_so_and_nobody_is_signed_out",
    r"assert .*200 == 503",
    store="file",
)
def files_that_are_not_missed() -> Flask:
    """cachelib by itself, which takes a folder that is not there for one without a session."""
    app = the_shop()
    files = app.session_interface.store.cache  # type: ignore[attr-defined]
    files._check = lambda: None
    return app
