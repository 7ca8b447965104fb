"""What ends with a browser in the shop, broken."""

from __future__ import annotations

from typing import Any

from flask import Flask, session

from selftests.support.broken_shop import must_fail, the_shop


@must_fail(
    "browsers/test_every_ending.py::test_closing_one_of_two_windows_ends_nothing_and_a_private_one_everything",
    r"assert 'Ada' is None",
)
def one_sign_in_for_all() -> Flask:
    app = the_shop()
    everyones: dict[str, Any] = {}

    @app.before_request
    def share() -> None:
        everyones.update({key: value for key, value in session.items() if key == "username"})
        session.update(everyones)

    return app
