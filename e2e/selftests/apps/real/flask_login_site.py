"""A site whose sessions Flask-Login protects against other browsers."""

from __future__ import annotations

from flask import Flask, request, session
from flask_login import LoginManager, current_user, login_fresh, login_user


class Person:
    is_active = is_authenticated = True

    def get_id(self) -> str:
        return "Ada"


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "a key for the tests, and for nothing else"
    app.config.from_prefixed_env()
    manager = LoginManager(app)
    manager.session_protection = app.config.get("SESSION_PROTECTION", "basic")
    manager.user_loader(lambda name: Person())

    @app.get("/")
    def home() -> str:
        if not current_user.is_authenticated:
            return "nobody"
        return f"{current_user.get_id()}, {'fresh' if login_fresh() else 'stale'}"

    @app.get("/sign-in")
    def sign_in() -> str:
        login_user(Person())
        session.permanent = "permanent" in request.args
        return "signed in"

    return app
