"""What the shop shows where the network is gone: a page that a service worker keeps, and no other."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template
from werkzeug.wrappers import Response

bp = Blueprint("offline", __name__)


@bp.get("/offline")
def show() -> str:
    return render_template("offline.html")


@bp.get("/worker.js")
def worker() -> Response:
    """Sent from here, and not from /static/, since a worker answers only for what is below its own path."""
    return current_app.send_static_file("worker.js")
