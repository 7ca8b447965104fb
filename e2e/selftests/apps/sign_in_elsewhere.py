"""A shop whose people sign in at an identity provider, and that provider: two sites with a session each."""

from __future__ import annotations

import os
import threading
import time

from flask import Flask, Response, make_response, redirect, request, session
from itsdangerous import URLSafeSerializer

SHOP, PROVIDER = "https://www.shop.example", "https://idp.example"
SIGNED = URLSafeSerializer("what the two have agreed on")


def shop() -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="of the shop", SESSION_COOKIE_NAME="shop", SESSION_COOKIE_SECURE=True)

    @app.get("/")
    def home() -> str:
        return f"<!doctype html>Signed in as {session['name']}" if "name" in session else "<!doctype html>Signed out"

    @app.get("/sign-in")
    def sign_in() -> Response:
        return redirect(f"{PROVIDER}/authorize")  # type: ignore[return-value]

    @app.get("/signed-in")
    def signed_in() -> Response:
        session["name"] = SIGNED.loads(request.args["as"])
        return redirect("/")  # type: ignore[return-value]

    @app.get("/framed")
    def framed() -> str:
        return f"<!doctype html><iframe src='{PROVIDER}/frame'></iframe>"

    return app


def provider() -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="of the provider", SESSION_COOKIE_NAME="idp", SESSION_COOKIE_SECURE=True)
    app.config["PERMANENT_SESSION_LIFETIME"] = 3600
    greeting = os.environ.get("GREETING", "Who are you?")

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Response | str:
        if request.method == "POST":
            session["name"], session.permanent = request.form["name"], True
        if "name" not in session:
            return f"<!doctype html><form method=post>{greeting}<input name=name><button>Sign in</button></form>"
        print("known:", session["name"], flush=True)
        return redirect(f"{SHOP}/signed-in?as={SIGNED.dumps(session['name'])}")  # type: ignore[return-value]

    @app.get("/frame")
    def frame() -> Response:
        response = make_response("<!doctype html>a frame")
        response.set_cookie("framed", "1", max_age=3600, secure=True, samesite="None", partitioned=True)
        return response

    @app.get("/slow")
    def slow() -> str:
        threading.Event().wait(0.5)
        return str(time.time())

    @app.get("/end")
    def end() -> Response:
        os._exit(3)

    return app
