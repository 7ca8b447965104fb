"""Cookies of every age that a Set-Cookie can ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask, Response, make_response, request

PAST = datetime(1970, 1, 1, tzinfo=UTC)


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def home() -> str:
        return "home"

    @app.get("/set/<name>")
    def set_one(name: str) -> Response:
        response = make_response("set")
        age = request.args.get("max_age", type=int)
        response.set_cookie(name, "1", max_age=age, httponly="readable" not in request.args)
        return response

    @app.get("/set")
    def set_all() -> Response:
        response = make_response("set")
        ahead = datetime.now(UTC) + timedelta(minutes=10)
        for name in ("zero", "negative", "past"):
            response.set_cookie(name, "1")
        for name in ("extended", "made_a_session_cookie"):
            response.set_cookie(name, "1", max_age=600)
        response.set_cookie("only_expires", "1", expires=ahead)
        response.set_cookie("both_max_age_sooner", "1", max_age=600, expires=ahead + timedelta(days=1))
        response.set_cookie("both_max_age_later", "1", max_age=1200, expires=PAST)
        return response

    @app.get("/again")
    def set_again() -> Response:
        response = make_response("set again")
        response.set_cookie("zero", "1", max_age=0)
        response.set_cookie("negative", "1", max_age=-60)
        response.set_cookie("past", "1", expires=PAST)
        response.set_cookie("extended", "2", max_age=1200)
        response.set_cookie("made_a_session_cookie", "2")
        return response

    @app.get("/form")
    def form() -> str:
        return f'<form method="post" action="{request.args["to"]}"><button>Send</button></form>'

    @app.post("/form")
    def receive() -> str:
        return "received"

    return app
