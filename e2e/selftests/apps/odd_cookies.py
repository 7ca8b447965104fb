"""Sets a cookie by the very text that is asked for, and tells what came back."""

from __future__ import annotations

from flask import Flask, Response, make_response, request


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def home() -> str:
        return "home"

    @app.get("/set")
    def set_one() -> Response:
        response = make_response("set")
        # PEP 3333: a header's octets, each as a character.
        response.headers.add("Set-Cookie", request.args["line"].encode().decode("latin-1"))
        return response

    @app.get("/set-octets")
    def set_octets() -> Response:
        response = make_response("set")
        response.headers.add("Set-Cookie", bytes.fromhex(request.args["line"]).decode("latin-1"))
        return response

    @app.get("/flask")
    def as_flask_sets_it() -> Response:
        response = make_response("set")
        response.set_cookie(request.args["name"], request.args["value"])
        return response

    return app
