"""Cookies of any size, number and value."""

from __future__ import annotations

from flask import Flask, Response, make_response, request


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def home() -> dict[str, str]:
        return dict(request.cookies)

    @app.get("/of/<int:size>")
    def of(size: int) -> Response:
        """A cookie whose name and value have so many bytes: written by hand, since werkzeug would warn."""
        response = make_response("set")
        response.headers.add("Set-Cookie", f"big={'x' * (size - len('big'))}; Path=/")
        return response

    @app.get("/some/<int:first>/<int:last>")
    def some(first: int, last: int) -> Response:
        response = make_response("set")
        for number in range(first, last + 1):
            response.set_cookie(f"c{number:03}", "1")
        return response

    @app.get("/value")
    def value() -> Response:
        response = make_response("set")
        response.set_cookie("value", request.args["value"])
        return response

    return app
