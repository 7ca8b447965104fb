"""A cart that follows its visitor: the session holds its id, and the server what lies in it.

What lay in the session itself would be lost when two tabs change it at once: each answer
carries a whole session, and the last one wins.
"""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from shop.records import database

bp = Blueprint("cart", __name__, url_prefix="/cart")

GOODS = {"apples": "Apples", "bread": "Bread", "cheese": "Cheese"}


def contents() -> dict[str, int]:
    """How many of each of the goods this visitor has, by their keys in GOODS."""
    with database() as connection:
        found = connection.execute("SELECT item, count FROM cart WHERE id = ? ORDER BY item", (session.get("cart"),))
        return dict(found.fetchall())


@bp.get("/")
def show() -> str:
    if "cart" not in session:  # here, before there is anything to put into it: all tabs share this one
        session["cart"] = secrets.token_hex(16)
    return render_template("cart.html", goods=GOODS, cart=contents(), note=session.get("note", ""))


@bp.post("/add")
def add() -> Response:
    item = request.form.get("item", "")
    if item in GOODS and "cart" in session:
        with database() as connection:
            connection.execute(
                "INSERT INTO cart VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1",
                (session["cart"], item),
            )
    else:
        flash("The shop does not sell that.")
    return redirect(url_for("cart.show"))


@bp.post("/remove")
def remove() -> Response:
    item = request.form.get("item", "")
    with database() as connection:
        gone = connection.execute("DELETE FROM cart WHERE id = ? AND item = ?", (session.get("cart"), item))
        if not gone.rowcount:  # a page that is out of date may ask for it twice
            flash("That was not in your cart any more.")
    return redirect(url_for("cart.show"))


@bp.post("/empty")
def empty() -> Response:
    with database() as connection:
        connection.execute("DELETE FROM cart WHERE id = ?", (session.get("cart"),))
    return redirect(url_for("cart.show"))


@bp.post("/note")
def note() -> Response:
    """Keep a few words for the shop: in the session, so that its size has something to grow by."""
    session["note"] = request.form.get("note", "")
    return redirect(url_for("cart.show"))
