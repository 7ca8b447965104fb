"""The article's three cookies: two that end with the browser, one that lasts an hour."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request

bp = Blueprint("cookies", __name__)

HOUR = 3600


def attributes() -> dict[str, Any]:
    """What every cookie of the shop has in common, session cookie and others alike."""
    config = current_app.config
    return {"samesite": config["SESSION_COOKIE_SAMESITE"], "secure": config["SESSION_COOKIE_SECURE"]}


@bp.get("/set_cookie")
def set_cookie() -> Response:
    response = make_response(render_template("cookie_done.html", done="Three cookies were set."))
    response.set_cookie("Itcast_1", "python_1", httponly=True, **attributes())
    response.set_cookie("Itcast_2", "python_2", httponly=True, **attributes())
    response.set_cookie("Itcast_3", "python_3", max_age=HOUR, httponly=True, **attributes())
    return response


@bp.get("/get_cookie")
def get_cookie() -> str:
    # The article returns request.cookies.get(…) itself: None, and so a 500, once it is gone.
    return render_template("get_cookie.html", value=request.cookies.get("Itcast_1"))


@bp.get("/delete_cookie")
def delete_cookie() -> Response:
    # The article deletes "Itcast1", which nobody ever set.
    response = make_response(render_template("cookie_done.html", done="Itcast_1 was deleted."))
    response.delete_cookie("Itcast_1", httponly=True, **attributes())
    return response
