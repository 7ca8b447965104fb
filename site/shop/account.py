"""Signing in and out: who you are, for how long, and whether the page remembers your name."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from shop import sign_ins
from shop.cookies import attributes

bp = Blueprint("account", __name__)

REMEMBERED_NAME = "remembered_name"
A_YEAR = 365 * 24 * 3600
LONGEST_NAME = 80


@bp.get("/sign_in")
def form() -> str:
    return render_template("sign_in.html", longest=LONGEST_NAME)


@bp.post("/sign_in")
def sign_in() -> Response | tuple[str, int]:
    name = request.form.get("username", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        flash(f"Please give a name of 1 to {LONGEST_NAME} characters.")
        return render_template("sign_in.html", longest=LONGEST_NAME), 422
    sign_ins.begin(name, keep="keep" in request.form)
    response = redirect(url_for("account.whoami"))
    if "remember" in request.form:
        # The one cookie that a script may read: the page fills the form in from it.
        response.set_cookie(REMEMBERED_NAME, quote(name), max_age=A_YEAR, **attributes())
    else:
        response.delete_cookie(REMEMBERED_NAME, **attributes())
    return response


@bp.get("/whoami")
def whoami() -> str:
    # session["username"] would be a KeyError, and a 500, once the browser has been closed.
    return render_template("whoami.html", username=session.get("username"))


@bp.post("/sign_out")
def sign_out() -> Response:
    sign_ins.end()
    return redirect(url_for("account.whoami"))


@bp.post("/forget_me")
def forget_me() -> Response:
    """Sign out, and keep the cart."""
    sign_ins.end(keep_the_rest=True)
    return redirect(url_for("account.whoami"))
