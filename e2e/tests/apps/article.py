"""The article's own code, with its mistakes: what the shop does better."""

from __future__ import annotations

import os

from flask import Flask, Response, make_response, request, session


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = os.urandom(24)  # a new key at each start, which logs everyone out

    @app.get("/set_cookie")
    def set_cookie() -> Response:
        response = make_response("success")
        response.set_cookie("Itcast_1", "python_1")
        response.set_cookie("Itcast_2", "python_2")
        response.set_cookie("Itcast_3", "python_3", max_age=3600)
        return response

    @app.get("/get_cookie")
    def get_cookie() -> str:
        return request.cookies.get("Itcast_1")  # type: ignore[return-value]  # None once it is gone: a 500

    @app.get("/delete_cookie")
    def delete_cookie() -> Response:
        response = make_response("del success")
        response.delete_cookie("Itcast1")
        return response

    @app.get("/set_session")
    def set_session() -> str:
        session["username"] = "user1"
        return "success"

    @app.get("/get_session")
    def get_session() -> str:
        return str(session["username"])

    @app.get("/del_session")
    def del_session() -> str:
        del session["username"]
        return "success"

    return app
