"""The theme of the pages, which the browser keeps in localStorage: the site is never told of it."""

from __future__ import annotations

from flask import Blueprint, render_template

bp = Blueprint("theme", __name__)


@bp.get("/theme")
def choose() -> str:
    return render_template("theme.html")
