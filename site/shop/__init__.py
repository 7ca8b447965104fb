"""A small shop that makes every promise about cookies and sessions worth checking, and keeps them.

``create_app`` is the factory: ``FLASK_SECRET_KEY=… flask --app site/shop run``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from click import UsageError
from flask import Flask, Response, render_template
from flask_wtf.csrf import CSRFError, CSRFProtect

from shop import account, cart, cookies, holdings, offline, records, sign_ins, stores, theme

csrf = CSRFProtect()


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the shop. Configuration comes from ``FLASK_*`` variables, then from ``config``.

    SECRET_KEY is required and is never invented here: a key made at start would log
    everyone out at each deploy, and differ between two worker processes.
    """
    app = Flask(__name__)
    app.config.update(
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        BROWSER_SESSION_LIFETIME=timedelta(hours=1),  # how long a sign-in lasts that ends with the browser
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),  # else each page asks for its style anew
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_PERMANENT=False,  # Flask-Session would have every session outlive the browser
        SESSION_STORE="",
        SESSION_COOKIE_SECURE=False,  # FLASK_SESSION_COOKIE_SECURE=true behind https
        WTF_CSRF_TIME_LIMIT=None,  # a form stays good as long as the session it belongs to
    )
    app.config.from_prefixed_env()
    app.config.update(config or {})
    if not app.config["SECRET_KEY"]:
        raise UsageError(
            "The shop does not start without a SECRET_KEY, which signs its sessions and its forms. Make one with "
            "python -c 'import secrets; print(secrets.token_hex())', keep it, and set it as "
            "FLASK_SECRET_KEY."
        )
    for part in (stores, csrf, records, sign_ins):
        part.init_app(app)
    for module in (holdings, cookies, account, cart, theme, offline):
        app.register_blueprint(module.bp)
    app.register_error_handler(CSRFError, _stale_form)
    app.after_request(_not_stored)
    return app


def _not_stored(response: Response) -> Response:
    # Pages say who is signed in: without this, Back shows them after signing out.
    if "Cache-Control" not in response.headers:
        response.cache_control.no_store = True
    return response


def _stale_form(error: CSRFError) -> tuple[str, int]:
    return render_template("stale_form.html", reason=error.description), 400
