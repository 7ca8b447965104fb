"""The unconfigured app on a server whose clock is DAYS_AHEAD, for a clock of ours that never goes back."""

from __future__ import annotations

import importlib
import time

import itsdangerous
from flask import Flask


def create_app() -> Flask:
    app: Flask = importlib.import_module("unconfigured").create_app()  # its neighbour
    app.config.from_prefixed_env()
    ahead = app.config.get("DAYS_AHEAD", 0) * 24 * 3600
    itsdangerous.TimestampSigner.get_timestamp = lambda self: int(time.time()) + ahead  # type: ignore[method-assign]
    return app
