"""Checks for ``doctor`` that the clock works in a browser: page, site and cookie must follow a move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from flask import Flask, make_response
from flask.wrappers import Response

from cookieproof.browser.pages import evaluate
from cookieproof.clock.clock import Clock
from cookieproof.errors import CookieproofError
from cookieproof.visitor.visitor import Visitor

MOVE = timedelta(days=3)
TOLERANCE = timedelta(seconds=5)
APP = f"{__name__}:create_app"


def create_app() -> Flask:
    """Return an app whose page sets a cookie for two seconds."""
    app = Flask(__name__)

    @app.get("/")
    def home() -> Response:
        response = make_response("tick")
        response.set_cookie("two_seconds", "1", max_age=2)
        return response

    return app


def check_clock(visitor: Visitor, clock: Clock, browser: str) -> None:
    """Move the clock while the visitor's browser is open, and check that page, site and cookie follow.

    The visitor's site must be this module's app. ``browser`` is the browser's name for the ``CookieproofError`` that is
    raised if one of them does not follow.
    """
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
