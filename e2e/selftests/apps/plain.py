"""Tells what it was given, and sets two cookies."""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, jsonify, make_response, request, url_for
from flask.wrappers import Response


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.from_prefixed_env()
    ours = ("SPELLED", "NUMBER", "AGE", "FOLDER")
    in_factory = {key: app.config[key] for key in ours if key in app.config}

    @app.get("/config")
    def config() -> dict[str, Any]:
        in_app = {key: app.config[key] for key in ours if key in app.config}
        if "AGE" in in_app:
            in_app["AGE"] = str(in_app["AGE"])
        environment = os.environ.get("PLAIN_FOLDER")
        return {"in_factory": in_factory, "in_app": in_app, "pid": os.getpid(), "environment": environment}

    @app.get("/asked")
    def asked() -> list[Any]:
        return [request.is_secure, url_for("asked", _external=True), request.host, request.remote_addr]

    @app.get("/set")
    def set_cookies() -> Response:
        response = make_response(jsonify("set"))
        response.set_cookie("c", "3")
        response.set_cookie("d", "4", secure=True)
        return response

    @app.get("/answer")
    def answer() -> Response:
        response = make_response(jsonify("answered"))
        response.set_cookie("c", "3")
        response.status = request.args.get("status", "200 OK")
        response.headers[request.args.get("name", "X-Word")] = request.args.get("value", "")
        return response

    @app.get("/raise")
    def fail() -> str:
        raise RuntimeError("on purpose")

    return app
