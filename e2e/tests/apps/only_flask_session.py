"""The same app as ``unconfigured.py``, but that Flask-Session keeps its sessions in a folder."""

from __future__ import annotations

import os

from cachelib import FileSystemCache
from flask import Flask
from flask_session import Session

from tests.apps import unconfigured


def create_app() -> Flask:
    app = unconfigured.create_app()
    app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=FileSystemCache(os.environ["FLASK_FOLDER"]))
    Session(app)
    return app
