"""A cart that follows its visitor through the session."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

bp = Blueprint("cart", __name__, url_prefix="/cart")

GOODS = {"apples": "Apples", "bread": "Bread", "cheese": "Cheese"}
# One session value for each thing in the cart, so that removing one is removing one value.
PREFIX = "cart:"


def contents() -> dict[str, int]:
    """How many of each of the goods this visitor has, by their keys in GOODS."""
    return {key: session[PREFIX + key] for key in GOODS if PREFIX + key in session}


@bp.get("/")
def show() -> str:
    return render_template("cart.html", goods=GOODS, cart=contents())


@bp.post("/add")
def add() -> Response:
    key = request.form.get("item", "")
    if key in GOODS:
        session[PREFIX + key] = session.get(PREFIX + key, 0) + 1
    else:
        flash("The shop does not sell that.")
    return redirect(url_for("cart.show"))


@bp.post("/remove")
def remove() -> Response:
    key = PREFIX + request.form.get("item", "")
    if key in session:  # del alone is a KeyError, and a 500, for a page that is out of date
        del session[key]
    else:
        flash("That was not in your cart any more.")
    return redirect(url_for("cart.show"))


@bp.post("/empty")
def empty() -> Response:
    for key in GOODS:
        session.pop(PREFIX + key, None)
    return redirect(url_for("cart.show"))
