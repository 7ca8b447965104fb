"""Sessions with nothing configured but the key."""

from __future__ import annotations

from flask import Flask, session


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "a key for the tests, and for nothing else"

    @app.get("/sign_in")
    def sign_in() -> str:
        session["username"] = "Ada"
        return "signed in"

    @app.get("/sign_in/keep")
    def keep_signed_in() -> str:
        session.permanent = True
        return sign_in()

    @app.get("/sign_out")
    def sign_out() -> str:
        session.clear()
        return "signed out"

    @app.get("/whoami")
    def whoami() -> str:
        return str(session.get("username", "nobody"))

    return app
