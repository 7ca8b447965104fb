"""The lifetimes of the shop's cookies, several broken at once."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, session
from werkzeug import Response

from selftests.broken_shops.sessions import sign_out_that_forgets_to_clear
from selftests.support.broken_shop import breaks_lifetimes, edit_set_cookie, the_shop

OUTLIVES = "should end with the browser, but is still sent after the browser was closed and opened again."
LOST = "but is not sent after the browser was closed and opened again."
LATE, EARLY = " seconds after its end.", " seconds before its end."


def everyone_stays_signed_in() -> Flask:
    app = the_shop()

    @app.before_request
    def keep() -> None:
        if "username" in session:
            session.permanent = True

    return app


@breaks_lifetimes(
    {
        "Itcast_1": OUTLIVES,
        "Itcast_3": LATE,
        "session, signing_in": OUTLIVES,
        "session, staying_signed_in": LATE,
        "session, staying_for_7_days": 'but a visit to / soon after it was set renews it: declare renewed_by="/"',
        "remembered_name": LATE,
    }
)
def lifetimes_that_are_too_long() -> Flask:
    app = everyone_stays_signed_in()
    app.config["PERMANENT_SESSION_LIFETIME"] *= 1.01
    edit_set_cookie(app, "$", "; Max-Age=600", name="Itcast_1")
    edit_set_cookie(app, "Max-Age=3600", "Max-Age=3636", name="Itcast_3")
    edit_set_cookie(app, "Max-Age=31536000", "Max-Age=31851360", name="remembered_name")
    return app


@breaks_lifetimes(
    {
        "Itcast_3": EARLY,
        "session, staying_signed_in": EARLY,
        "session, staying_for_7_days": EARLY,
        "remembered_name": LOST,
    }
)
def lifetimes_that_are_too_short() -> Flask:
    app = the_shop(PERMANENT_SESSION_LIFETIME=timedelta(days=7) * 0.99)
    edit_set_cookie(app, "Max-Age=3600", "Max-Age=3540", name="Itcast_3")
    edit_set_cookie(app, "(Expires|Max-Age)=[^;]*; ", "", name="remembered_name=[^;]")
    return app


@breaks_lifetimes(
    {
        "Itcast_1": "but /delete_cookie does not delete it: it lives on: it was set for the path / and deleted for",
        "session, signing_in": 'still shows "You are signed in as Ada" once it was deleted: no response ',
        "session, staying_signed_in": LOST,
        "session, staying_for_7_days": LOST,
        "remembered_name": "but signing_in does not delete it: ",
    }
)
def deletions_that_miss() -> Flask:
    """And sessions that are made permanent too late, when the response has been sent."""
    app = sign_out_that_forgets_to_clear()
    edit_set_cookie(app, "Path=/", "Path=/elsewhere", name="Itcast_1=;")
    edit_set_cookie(app, "Max-Age=0", "Max-Age=600", name="remembered_name=;")
    edit_set_cookie(app, "Expires=Thu, 01 Jan 1970[^;]*; ", "", name="remembered_name=;")

    @app.before_request
    def not_yet() -> None:
        session.permanent = False

    @app.after_request
    def still_not(response: Response) -> Response:
        session.permanent = False
        return response

    return app
