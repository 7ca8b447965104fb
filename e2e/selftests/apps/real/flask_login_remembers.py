"""A site with Flask-Login's remember-me, and the settings that its documents and Flask's ask for in production."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, redirect, request
from flask_login import LoginManager, current_user, login_required, login_user, logout_user
from werkzeug.wrappers import Response as Answer

OUT = "<form action=/sign-out method=post><button>Sign out</button></form>"


class Person:
    is_active = is_authenticated = True

    def get_id(self) -> str:
        return "Ada"


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="a key for the tests, and for nothing else",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=True,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_DURATION=timedelta(days=7),
    )
    manager = LoginManager(app)
    manager.login_view = "sign_in"
    manager.user_loader(lambda name: Person())

    @app.get("/account")
    @login_required
    def account() -> str:
        return f"<p>Signed in as {current_user.get_id()}</p>{OUT}"

    @app.get("/sign-in")
    def sign_in() -> str:
        return "<form method=post><button>Sign in</button></form>"

    @app.post("/sign-in")
    def sign_in_now() -> Answer:
        login_user(Person(), remember="remember" in request.args)
        return redirect("/account")

    @app.post("/sign-out")
    def sign_out() -> Answer:
        logout_user()
        return redirect("/sign-in")

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app
