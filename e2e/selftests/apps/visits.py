"""A few pages for visitors: cookies on two paths, a sliding session, scripts, a strict policy."""

from __future__ import annotations

import time

from flask import Flask, make_response, request, session
from flask.wrappers import Response


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "a key for the tests, and for nothing else"

    @app.get("/")
    def home() -> str:
        return "home"

    @app.get("/set/<name>")
    def set_cookie(name: str) -> Response:
        response = make_response(f"set {name}")
        age = request.args.get("age", type=int)
        response.set_cookie(name, request.args.get("value", "1"), max_age=age, path=request.args.get("path", "/"))
        return response

    @app.get("/delete/<name>")
    def delete_cookie(name: str) -> Response:
        response = make_response(f"deleted {name}")
        response.delete_cookie(name)
        return response

    @app.get("/session")
    def sliding() -> str:
        session.permanent = True
        session["visits"] = session.get("visits", 0) + 1
        return str(session["visits"])

    @app.get("/script")
    def script() -> str:
        return "<script>document.cookie = 'by_script=1; max-age=60'</script>"

    @app.get("/busy")
    def busy() -> str:
        return "<script>fetch('/slow')</script>"

    @app.get("/slow")
    def slow() -> str:
        time.sleep(0.5)
        return "slow"

    @app.get("/strict")
    def strict() -> Response:
        response = make_response("strict")
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.set_cookie("strict", "1", samesite="Strict")
        return response

    return app
