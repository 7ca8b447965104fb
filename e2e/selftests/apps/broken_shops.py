"""The shop, broken in one place each: a check that passes on one of these is no check."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Request, redirect, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer
from werkzeug import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

sys.path.insert(0, str(Path(__file__).parents[3] / "site"))

import shop
from shop.in_the_cookie import InTheCookie
from tests.apps import limits, slow_page

KEY = "the key that the tests begin with"


def _shop(**config: Any) -> Flask:
    return shop.create_app({"SECRET_KEY": KEY, **config})


def _edit_set_cookie(app: Flask, pattern: str, new: str, name: str = "") -> Flask:
    """Have this replacement (a regular expression's) made in each Set-Cookie that begins with the name (another's)."""

    @app.after_request
    def edit(response: Response) -> Response:
        headers = response.headers.getlist("Set-Cookie")
        edited = [re.sub(pattern, new, header) if re.match(name, header) else header for header in headers]
        response.headers.setlist("Set-Cookie", edited)
        return response

    return app


def _edits_set_cookie(pattern: str, new: str, name: str = "") -> Flask:
    return _edit_set_cookie(_shop(), pattern, new, name)


def _without_before_request(app: Flask, module: str) -> Flask:
    functions = app.before_request_funcs[None]
    app.before_request_funcs[None] = [function for function in functions if function.__module__ != module]
    return app


def lifetimes_that_are_too_long() -> Flask:
    app = everyone_stays_signed_in()
    app.config["PERMANENT_SESSION_LIFETIME"] *= 1.01
    _edit_set_cookie(app, "$", "; Max-Age=600", name="Itcast_1")
    _edit_set_cookie(app, "Max-Age=3600", "Max-Age=3636", name="Itcast_3")
    _edit_set_cookie(app, "Max-Age=31536000", "Max-Age=31851360", name="remembered_name")
    return app


def lifetimes_that_are_too_short() -> Flask:
    app = _shop(PERMANENT_SESSION_LIFETIME=timedelta(days=7) * 0.99)
    _edit_set_cookie(app, "Max-Age=3600", "Max-Age=3540", name="Itcast_3")
    _edit_set_cookie(app, "(Expires|Max-Age)=[^;]*; ", "", name="remembered_name=[^;]")
    return app


def deletions_that_miss() -> Flask:
    """And sessions that are made permanent too late, when the response has been sent."""
    app = sign_out_that_forgets_to_clear()
    _edit_set_cookie(app, "Path=/", "Path=/elsewhere", name="Itcast_1=;")
    _edit_set_cookie(app, "Max-Age=0", "Max-Age=600", name="remembered_name=;")
    _edit_set_cookie(app, "Expires=Thu, 01 Jan 1970[^;]*; ", "", name="remembered_name=;")

    @app.before_request
    def not_yet() -> None:
        session.permanent = False

    @app.after_request
    def still_not(response: Response) -> Response:
        session.permanent = False
        return response

    return app


def script_readable_cookies() -> Flask:
    return _edits_set_cookie(" HttpOnly;", "")


def deletion_of_everything() -> Flask:
    app = _shop()

    @app.after_request
    def delete_more(response: Response) -> Response:
        if request.path == "/delete_cookie":
            for name in request.cookies:
                response.delete_cookie(name)
        return response

    return app


def set_again_after_the_deletion() -> Flask:
    app = _shop()

    @app.after_request
    def set_again(response: Response) -> Response:
        if request.path == "/delete_cookie" and "Itcast_1" in request.cookies:
            response.set_cookie("Itcast_1", "python_1")
        return response

    return app


def none_after_the_deletion() -> Flask:
    app = _shop()
    app.view_functions["cookies.get_cookie"] = lambda: request.cookies.get("Itcast_1")  # type: ignore[assignment]
    return app


def everyone_stays_signed_in() -> Flask:
    app = _shop()

    @app.before_request
    def keep() -> None:
        if "username" in session:
            session.permanent = True

    return app


def sign_out_that_forgets_to_clear() -> Flask:
    app = _shop()
    app.view_functions["account.sign_out"] = lambda: '<a href="/whoami">Nobody is signed in</a>'
    return app


def pages_kept_in_the_cache() -> Flask:
    app = _shop()
    inner = app.wsgi_app

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            kept = [(name, value) for name, value in headers if name not in ("Cache-Control", "Vary")]
            return start_response(status, [*kept, ("Cache-Control", "max-age=600")], *exc_info)

        return inner(environ, start)

    app.wsgi_app = outer  # type: ignore[method-assign]
    return app


def the_articles_whoami() -> Flask:
    app = _shop()
    app.view_functions["account.whoami"] = lambda: f'<b id="username">{session["username"]}</b>'
    return app


def a_sign_out_that_takes_the_cart() -> Flask:
    app = _shop()
    app.view_functions["account.forget_me"] = app.view_functions["account.sign_out"]
    return app


def one_cart_for_all() -> Flask:
    app = _shop()
    everyones: dict[str, Any] = {}

    @app.before_request
    def share() -> None:
        session.update(everyones)

    @app.after_request
    def keep(response: Response) -> Response:
        everyones.update({key: value for key, value in session.items() if key == "cart"})
        return response

    return app


def one_sign_in_for_all() -> Flask:
    app = _shop()
    everyones: dict[str, Any] = {}

    @app.before_request
    def share() -> None:
        everyones.update({key: value for key, value in session.items() if key == "username"})
        session.update(everyones)

    return app


def name_remembered_unasked() -> Flask:
    app = _shop()

    @app.after_request
    def remember(response: Response) -> Response:
        if request.path == "/sign_in" and request.form:
            response.set_cookie("remembered_name", request.form["username"])
        return response

    return app


def name_out_of_reach_of_the_script() -> Flask:
    return _edits_set_cookie("$", "; HttpOnly", name="remembered_name")


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


def a_site_that_refuses_1_percent_early() -> Flask:
    app = _shop(SESSION_REFRESH_EACH_REQUEST=False)
    app.session_interface = _Accepts(timedelta(days=7) * 0.99)
    return app


def a_site_that_accepts_for_a_year() -> Flask:
    app = _shop(SESSION_REFRESH_EACH_REQUEST=False)
    app.session_interface = _Accepts(timedelta(days=365))
    return app


def a_session_never_renewed() -> Flask:
    return _shop(SESSION_REFRESH_EACH_REQUEST=False)


def a_key_of_each_start() -> Flask:
    return _shop(SECRET_KEY=os.urandom(24))


class _WithoutFallbacks(InTheCookie):
    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        app.config["SECRET_KEY_FALLBACKS"] = None
        return super().get_signing_serializer(app)


def fallbacks_ignored() -> Flask:
    app = _shop()
    app.session_interface = _WithoutFallbacks()
    return app


def fallbacks_for_ever() -> Flask:
    return _without_before_request(_shop(SESSION_REFRESH_EACH_REQUEST=False), "shop.keys")


def a_sign_in_that_keeps_the_last_ones_cart() -> Flask:
    app = _shop()
    sign_in = app.view_functions["account.sign_in"]

    def keep() -> Any:
        kept = {key: value for key, value in session.items() if key == "cart"}
        response = sign_in()
        session.update(kept)
        return response

    app.view_functions["account.sign_in"] = keep
    return app


def a_sign_in_with_any_name() -> Flask:
    app = _shop()

    def sign_in() -> Response:
        session["username"] = request.form["username"]
        return redirect("/whoami")

    app.view_functions["account.sign_in"] = sign_in
    return app


def a_sign_out_that_must_find_a_name() -> Flask:
    app = _shop()

    def forget_me() -> Response:
        del session["username"]
        return redirect("/whoami")

    app.view_functions["account.forget_me"] = forget_me
    return app


def a_removal_that_must_find_the_goods() -> Flask:
    app = _shop()
    cart_remove = app.view_functions["cart.remove"]

    def remove() -> Any:
        shop.cart.contents().pop(request.form["item"])
        return cart_remove()

    app.view_functions["cart.remove"] = remove
    return app


def forms_that_need_no_token() -> Flask:
    return _shop(WTF_CSRF_ENABLED=False)


def secure_in_the_configuration_alone() -> Flask:
    app = _edits_set_cookie(" Secure;", "")
    app.config["SESSION_COOKIE_SECURE"] = True
    return app


def a_session_for_everyone() -> Flask:
    app = _shop()

    @app.before_request
    def begin() -> None:
        session["seen"] = True

    return app


class _AYearInTheBrowser(InTheCookie):
    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        return datetime.now(UTC) + timedelta(days=365)


def a_session_that_the_browser_keeps_for_a_year() -> Flask:
    app = _shop(SESSION_REFRESH_EACH_REQUEST=False)
    app.session_interface = _AYearInTheBrowser()
    return app


class _AnySignature(InTheCookie):
    """Reads a session without looking at its signature."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if not (cookie := request.cookies.get(self.get_cookie_name(app))):
            return SecureCookieSession()
        signer = self.get_signing_serializer(app)
        assert signer
        return SecureCookieSession(signer.load_payload(cookie.rsplit(".", 2)[0].encode()))


def signatures_that_nobody_checks() -> Flask:
    app = _shop()
    app.session_interface = _AnySignature()
    return app


def a_key_that_anyone_can_guess() -> Flask:
    return _shop(SECRET_KEY="dev")


def a_sign_out_of_the_browser_alone() -> Flask:
    return _without_before_request(_shop(), "shop.sign_ins")


def sign_outs_that_a_restart_forgets() -> Flask:
    app = _shop()
    with app.app_context(), shop.records.database() as connection:
        connection.execute("DELETE FROM ended")
    return app


def a_sign_in_without_a_limit() -> Flask:
    return _shop(BROWSER_SESSION_LIFETIME=timedelta(days=6))


def a_session_name_that_siblings_can_plant() -> Flask:
    return _shop(SESSION_COOKIE_SECURE=True)


def forms_from_anywhere() -> Flask:
    return _shop(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SAMESITE="None", SESSION_COOKIE_SECURE=True)


def a_session_that_other_sites_may_send() -> Flask:
    return _shop(SESSION_COOKIE_SAMESITE="None", SESSION_COOKIE_SECURE=True)


def a_session_within_reach_of_scripts() -> Flask:
    return _shop(SESSION_COOKIE_HTTPONLY=False)


def a_session_that_tells_a_secret() -> Flask:
    app = _shop()

    @app.before_request
    def tell() -> None:
        if "username" in session:
            session["card"] = "4111 1111 1111 1111"

    return app


def a_session_over_plain_http() -> Flask:
    return _shop(SESSION_COOKIE_SECURE=False)


def names_that_are_not_quoted() -> Flask:
    app = _shop()

    @app.after_request
    def quote_nothing(response: Response) -> Response:
        if request.path == "/sign_in" and "remember" in request.form:
            response.set_cookie("remembered_name", request.form["username"])
        return response

    return app


class _OfAnySize(InTheCookie):
    save_session = SecureCookieSessionInterface.save_session


def a_session_of_any_size() -> Flask:
    app = _shop()
    app.session_interface = _OfAnySize()
    return app


def a_cart_in_the_session() -> Flask:
    """As the article has it. Three tabs meet in the middle, so that the last answer always wins."""
    app = _shop()
    meeting = threading.Barrier(3)

    def add() -> Response:
        if session.get("bread"):  # the first press comes alone
            meeting.wait(timeout=20)
        item = request.form["item"]
        session[item] = session.get(item, 0) + 1
        return redirect("/cart/")

    shop.cart.contents = lambda: {item: session[item] for item in shop.cart.GOODS if item in session}
    app.view_functions["cart.add"] = add
    return app


def values_that_are_quoted_twice() -> Flask:
    app = limits.create_app()

    def value() -> Response:
        response = Response("set")
        response.set_cookie("value", quote(request.args["value"]))
        return response

    app.view_functions["value"] = value
    return app


# --- sessions on the server


def sessions_that_flask_session_makes_permanent() -> Flask:
    return _shop(SESSION_PERMANENT=True)  # its default


def records_that_outlive_their_cookies() -> Flask:
    app = _shop()
    store = app.session_interface.store  # type: ignore[attr-defined]
    write = store._upsert_session
    store._upsert_session = lambda lifetime, *rest: write(lifetime * 2, *rest)
    return app


def ids_that_are_signed() -> Flask:
    return _shop(SESSION_USE_SIGNER=True)


def ids_that_anyone_may_make_up() -> Flask:
    """As in Flask-Session before 0.6."""
    app = _shop()
    store = app.session_interface.store  # type: ignore[attr-defined]
    open_session = store.open_session

    def adopt(app: Flask, request: Request) -> Any:
        opened = open_session(app, request)
        opened.sid = request.cookies.get("session", opened.sid)
        return opened

    store.open_session = adopt
    return app


def an_id_for_all_sign_ins() -> Flask:
    app = _shop()
    app.session_interface.renew_id = lambda session: None  # type: ignore[attr-defined]
    return app


def a_sign_out_that_leaves_the_record() -> Flask:
    app = _shop()
    app.session_interface.store._delete_session = lambda key: None  # type: ignore[attr-defined]
    return app


def a_session_in_the_cookie() -> Flask:
    app = _shop()
    app.session_interface = InTheCookie()
    return app


def a_store_that_fails_with_an_error() -> Flask:
    """As Flask-Session by itself does."""
    app = _shop()
    app.session_interface.failures = ()  # type: ignore[attr-defined]
    return app


def files_that_are_not_missed() -> Flask:
    """cachelib by itself, which takes a folder that is not there for one without a session."""
    app = _shop()
    files = app.session_interface.store.cache  # type: ignore[attr-defined]
    files._check = lambda: None
    return app


def a_sign_out_that_a_slow_page_undoes() -> Flask:
    return _without_before_request(slow_page.create_app(), "shop.sign_ins")
