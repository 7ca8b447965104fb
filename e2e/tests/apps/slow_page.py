"""The shop with a page that takes its time: until somebody asks for /now."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from flask import Flask

sys.path.insert(0, str(Path(__file__).parents[3] / "site"))

import shop


def create_app() -> Flask:
    app = shop.create_app({"SECRET_KEY": "only for tests"})
    now = threading.Event()

    @app.get("/slow")
    def slow() -> str:
        app.logger.warning("a slow page has begun")
        now.wait(60)
        return "slow"

    @app.get("/now")
    def set_now() -> str:
        now.set()
        return "now"

    return app
