"""Whether the clock works in the browser that a run is about to use: page, site and cookie must agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from flask import Flask, make_response
from flask.wrappers import Response

from cookieproof.clock import Clock
from cookieproof.errors import CookieproofError
from cookieproof.launcher import Launcher
from cookieproof.pages import evaluate
from cookieproof.server import Servers
from cookieproof.visitor import Visitor

MOVE = timedelta(days=3)
TOLERANCE = timedelta(seconds=5)
APP = f"{__name__}:create_app"


def create_app() -> Flask:
    """A page whose cookie lasts two seconds."""
    app = Flask(__name__)

    @app.get("/")
    def home() -> Response:
        response = make_response("tick")
        response.set_cookie("two_seconds", "1", max_age=2)
        return response

    return app


def check(clock: Clock, launcher: Launcher, folder: Path) -> None:
    """Move the clock under an open browser. Raises ``CookieproofError`` if the browser or the site does not follow.

    Clock, launcher and folder are for this check alone: it leaves the clock moved.
    """
    servers = Servers(folder, folder, clock)
    visitor = Visitor(0, servers.site(APP, {}, {}), clock, launcher, folder / "profile")
    clock.before_move.append(visitor.settle)
    try:
        follow(visitor, clock, launcher.name)
    finally:
        visitor.end()
        servers.close()


def follow(visitor: Visitor, clock: Clock, browser: str) -> None:
    """As ``check``, with a visitor of this module's app."""
    visitor.goto("/")
    clock.advance(days=MOVE.days)
    response = visitor.goto("/")
    milliseconds: float = evaluate(visitor.page, "Date.now()")
    seen = {
        "the page's Date": datetime.fromtimestamp(milliseconds / 1000, UTC),
        "the site's Date header": parsedate_to_datetime(response.headers["date"]),
    }
    for witness, shown in seen.items():
        if abs(shown - clock.now()) > TOLERANCE:
            raise CookieproofError(
                f"The clock does not work with {browser}: it shows {clock.now():%Y-%m-%d %H:%M:%S} UTC, "
                f"but {witness} {shown:%Y-%m-%d %H:%M:%S}."
            )
    clock.advance(seconds=3)
    if visitor.sent():
        raise CookieproofError(f"The clock does not work with {browser}: a cookie of 2 seconds is still sent after 3.")
