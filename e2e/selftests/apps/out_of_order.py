"""Visits of which no page comes, or none that answers: the process ends, or the script never does."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

from flask import Flask, Response, make_response, request

BUSY = """<body>soon<script>
  addEventListener("load", () => setTimeout(() => { navigator.sendBeacon("/is-busy"); for (;;) {} }, 50));
</script>"""


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def home() -> Response:
        response = make_response("hello")
        response.set_cookie("seen", "yes")
        return response

    @app.get("/exit")
    def end() -> str:
        print("no more memory, say", flush=True)
        os._exit(3)

    @app.get("/half")
    def half() -> Response:
        def halves() -> Iterator[str]:
            yield "<p>the first half" + " of it" * 1000
            os._exit(3)

        return Response(halves())

    @app.get("/breaks-off")
    def breaks_off() -> Response:
        def halves() -> Iterator[str]:
            yield "<p>the first half" + " of it" * 1000
            raise OSError("no more")

        return Response(halves(), headers={"Content-Length": "100000"})

    @app.get("/later")
    def later() -> str:
        threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGKILL]).start()
        return "not for long"

    @app.get("/busy")
    def busy() -> Response:
        response = make_response(BUSY)
        response.set_cookie("seen", "yes")
        return response

    @app.post("/is-busy")
    def is_busy() -> tuple[str, int]:
        return "", 204

    @app.get("/nothing")
    def nothing() -> tuple[str, int]:
        return "", 204

    @app.get("/download")
    def download() -> Response:
        response = make_response("text")
        response.headers["Content-Disposition"] = "attachment; filename=a.txt"
        response.set_cookie("downloaded", "yes")
        return response

    @app.get("/slow")
    def slow() -> str:
        request.environ["werkzeug.socket"].recv(1)  # until the browser, which closes its page meanwhile, hangs up
        return "too late"

    return app
