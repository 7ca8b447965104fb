"""An app as it stands behind a proxy: it changes what its server handed over, and works in the background."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, jsonify, request
from flask.wrappers import Response
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def create_app(name: str, scheme: str = "http") -> Flask:
    app = Flask(__name__)
    app.config["APPLICATION_ROOT"] = f"/{name}"
    inner = ProxyFix(app.wsgi_app, x_host=1, x_prefix=1, x_proto=1)

    def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        proxy = {"HTTP_X_FORWARDED_HOST": f"{name}.example", "HTTP_X_FORWARDED_PREFIX": f"/{name}"}
        environ.update(proxy | {"HTTP_X_FORWARDED_PROTO": scheme, "PATH_INFO": environ["PATH_INFO"] + "/moved"})
        return inner(environ, start_response)

    app.wsgi_app = outer  # type: ignore[method-assign]

    @app.get("/<path:path>")
    def seen(path: str) -> Response:
        return jsonify([request.scheme, request.host, request.script_root, path])

    threading.Thread(target=threading.Event().wait).start()  # for ever
    return app
