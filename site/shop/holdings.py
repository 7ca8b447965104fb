"""What the browser holds for this site, and until when, for a person to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature

from shop.account import REMEMBERED_NAME

bp = Blueprint("holdings", __name__)

WITH_THE_BROWSER = "until the browser closes"


@dataclass(frozen=True)
class Holding:
    """A cookie that the browser sent, what it is for and how long the browser keeps it."""

    name: str
    value: str
    purpose: str
    until: str


def _signed_at(cookie: str) -> datetime | None:
    """When Flask signed this session cookie (an aware UTC time), None if it never did."""
    signer = SecureCookieSessionInterface().get_signing_serializer(current_app)
    if signer is None:
        return None
    try:
        moment: datetime = signer.loads(cookie, return_timestamp=True)[1]
    except BadSignature:
        return None
    return moment


def _session_until(cookie: str) -> str:
    signed_at = _signed_at(cookie)
    lifetime: timedelta = current_app.permanent_session_lifetime
    if signed_at is None:
        return "refused: this site did not sign it with its present key"
    if not session.permanent:
        until = session.get("until")
        return WITH_THE_BROWSER + (
            f", {datetime.fromtimestamp(until, UTC):%H:%M:%S} UTC at the latest" if until else ""
        )
    # A visit renews a permanent session, and this is a visit.
    renewed = current_app.config["SESSION_REFRESH_EACH_REQUEST"]
    start = datetime.now(signed_at.tzinfo) if renewed else signed_at
    return f"{start + lifetime:%A %d %B %Y, %H:%M:%S} UTC" + (", later with each visit" if renewed else "")


def _holding(name: str, value: str) -> Holding:
    known: dict[str, tuple[str, Any]] = {
        current_app.config["SESSION_COOKIE_NAME"]: (
            "your session: signed, so nobody can change it; not encrypted",
            _session_until,
        ),
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
