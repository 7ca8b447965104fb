"""Flask, with its own sessions."""

from __future__ import annotations

import os
from datetime import timedelta

from flask import Flask, request, session

BROKEN = "BROKEN" in os.environ


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a key for the tests"
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=8 if BROKEN else 7)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False

    @app.get("/")
    def home() -> str:
        return f"Signed in as {session['name']}" if "name" in session else "Signed out"

    @app.get("/sign-in")
    def sign_in() -> str:
        session["name"] = "Ada"
        session.permanent = BROKEN or "remember" in request.args
        return "Welcome"

    @app.get("/sign-out")
    def sign_out() -> str:
        if not BROKEN:
            session.clear()
        return "Bye"

    return app
