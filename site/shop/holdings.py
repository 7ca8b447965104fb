"""What the browser holds for this site, and until when, for a person to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request, session

from shop.account import REMEMBERED_NAME
from shop.stores import sessions

bp = Blueprint("holdings", __name__)

WITH_THE_BROWSER = "until the browser closes"


@dataclass(frozen=True)
class Holding:
    """A cookie that the browser sent, what it is for and how long the browser keeps it."""

    name: str
    value: str
    purpose: str
    until: str


def _session_until(cookie: str) -> str:
    lifetime: timedelta = current_app.permanent_session_lifetime
    if not sessions().accepts(cookie):
        return f"refused: {sessions().refusal}"
    if not session.permanent:
        until = session.get("until")
        return WITH_THE_BROWSER + (
            f", {datetime.fromtimestamp(until, UTC):%H:%M:%S} UTC at the latest" if until else ""
        )
    if current_app.config["SESSION_REFRESH_EACH_REQUEST"]:  # a visit renews a permanent session, and this is a visit
        return f"{_in_words(datetime.now(UTC) + lifetime)}, later with each visit"
    changed_at = sessions().changed_at(cookie)
    return _in_words(changed_at + lifetime) if changed_at else f"for {lifetime.days} days after it last changed"


def _in_words(moment: datetime) -> str:
    return f"{moment:%A %d %B %Y, %H:%M:%S} UTC"


def _holding(name: str, value: str) -> Holding:
    known: dict[str, tuple[str, Any]] = {
        current_app.config["SESSION_COOKIE_NAME"]: (sessions().purpose, _session_until),
        "Itcast_1": ("the article's first cookie", WITH_THE_BROWSER),
        "Itcast_2": ("the article's second cookie", WITH_THE_BROWSER),
        "Itcast_3": ("the article's third cookie, set with max_age", "for 1 hour after it was set"),
        REMEMBERED_NAME: ("your name, for the sign-in form", "for 365 days after you signed in"),
    }
    purpose, until = known.get(name, ("not one of this site's", "unknown"))
    return Holding(name, value, purpose, until(value) if callable(until) else until)


@bp.get("/")
def show() -> str:
    holdings = [_holding(name, value) for name, value in sorted(request.cookies.items())]
    return render_template("holdings.html", holdings=holdings, username=session.get("username"))
