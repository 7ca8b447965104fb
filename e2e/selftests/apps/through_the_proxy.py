"""What a browser's proxy could change: HTTPS only, many connections, a page's own icon."""

from __future__ import annotations

import base64
import hashlib
import threading
import time

from flask import Flask, Response, make_response, request

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, 1.3
# Of one pixel. What is no image would be asked for at each visit.
ICON = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def create_app() -> Flask:
    app = Flask(__name__)
    hanging: list[int] = []
    released = threading.Event()
    icons: list[float] = []

    @app.get("/")
    def home() -> Response:
        response = make_response("<!doctype html><title>home</title>")
        response.headers["Strict-Transport-Security"] = "max-age=86400"
        return response

    @app.get("/with-an-icon")
    def with_an_icon() -> str:
        return "<!doctype html><link rel='shortcut icon' href='/static-icons/favicon.ico'>with an icon"

    @app.get("/static-icons/favicon.ico")
    def icon() -> Response:
        threading.Event().wait(0.5)  # as a slow one, which a clock that does not wait overtakes
        icons.append(time.time())
        response = make_response(ICON)
        response.content_type = "image/gif"
        response.set_cookie("seen", "1", max_age=3600)
        return response

    @app.route("/socket", websocket=True)
    def socket() -> str:
        connection = request.environ["werkzeug.socket"]
        key = base64.b64encode(hashlib.sha1(request.headers["Sec-WebSocket-Key"].encode() + MAGIC).digest())
        upgraded = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        connection.sendall(upgraded + b"Sec-WebSocket-Accept: " + key + b"\r\n\r\n")
        while connection.recv(1024):
            pass
        return ""

    @app.get("/hangs")
    def hangs() -> str:
        hanging.append(1)
        released.wait()
        return "released"

    @app.get("/release")
    def release() -> str:
        released.set()
        return "released"

    @app.get("/told")
    def told() -> dict[str, object]:
        return {"hanging": len(hanging), "icons": icons}

    return app
