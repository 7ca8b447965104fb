"""Pages within pages of other hosts, each of which sets what the query says."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from flask import Flask, Response, make_response, request


def create_app() -> Flask:
    app = Flask(__name__)
    asked = threading.Event()

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

    @app.get("/in-two-parts")
    def in_two_parts() -> Response:
        """A page whose body comes after somebody has asked for it."""

        def parts() -> Iterator[str]:
            yield "<!doctype html><title>in two parts</title>"
            asked.wait()
            yield "<p>the second"

        return Response(parts())

    @app.get("/second-part")
    def second_part() -> str:
        asked.set()
        return "it comes"

    @app.get("/nested")
    def nested() -> str:
        return "<!doctype html><p>nested"

    return app
