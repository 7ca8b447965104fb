"""Pages within pages of other hosts, each of which sets what the query says."""

from __future__ import annotations

from flask import Flask, Response, make_response, request


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    @app.get("/deep/page")
    def page() -> Response:
        """Sets each ``set``, and holds a frame at ``of`` with the attributes ``like``."""
        inner = request.args.get("of", "").replace("&", "&amp;").replace('"', "&quot;")
        frame = f'<iframe src="{inner}" {request.args.get("like", "")}></iframe>' if inner else ""
        response = make_response(f"<!doctype html><title>{request.host}</title>a page {frame}")
        for header in request.args.getlist("set"):
            response.headers.add("Set-Cookie", header)
        return response

    return app
