"""The shop, broken in one place each, and which of its checks must fail there: one that passes is no check.

The processes that serve these shops import this too. So a check is named, as pytest names it, and not imported.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug import Response

# Imported first, this makes the shop importable too.
sys.path.insert(0, str(Path(__file__).parents[3] / "site"))

import shop

KEY = "the key that the tests begin with"
BrokenShop = Callable[[], Flask]


@dataclass(frozen=True)
class Failing:
    """A check that must fail on a shop: ``says`` is a regular expression, ``store`` the store that it is shown on."""

    check: str
    says: str
    store: str
    arguments: Mapping[str, Any]


FAILING: dict[BrokenShop, list[Failing]] = {}
BREAKING: dict[BrokenShop, Mapping[str, str]] = {}


def must_fail(check: str, says: str, *, store: str = "", **arguments: Any) -> Callable[[BrokenShop], BrokenShop]:
    """The check (its id in ``e2e/tests/``) fails on this shop and says so; ``arguments`` are its own parameters'.

    With ``store`` the shop keeps its sessions on the server, in a store of that kind.
    """

    def declare(broken: BrokenShop) -> BrokenShop:
        FAILING.setdefault(broken, []).insert(0, Failing(check, says, store, arguments))  # the last one comes first
        return broken

    return declare


def breaks_lifetimes(says: Mapping[str, str]) -> Callable[[BrokenShop], BrokenShop]:
    """Of the shop's declared lifetimes these are broken: what the verdict on each says, by the test's id."""

    def declare(broken: BrokenShop) -> BrokenShop:
        BREAKING[broken] = says
        return broken

    return declare


def the_shop(**config: Any) -> Flask:
    return shop.create_app({"SECRET_KEY": KEY, **config})


def edit_set_cookie(app: Flask, pattern: str, new: str, name: str = "") -> Flask:
    """Have this replacement (a regular expression's) made in each Set-Cookie that begins with the name (another's)."""

    @app.after_request
    def edit(response: Response) -> Response:
        headers = response.headers.getlist("Set-Cookie")
        edited = [re.sub(pattern, new, header) if re.match(name, header) else header for header in headers]
        response.headers.setlist("Set-Cookie", edited)
        return response

    return app


def without_before_request(app: Flask, module: str) -> Flask:
    functions = app.before_request_funcs[None]
    app.before_request_funcs[None] = [function for function in functions if function.__module__ != module]
    return app
