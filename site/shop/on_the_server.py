"""Sessions on the server (Flask-Session's), with nothing but an id in the cookie.

When their store does not answer, a visitor is told so, with status 503, and keeps the
cookie: Flask-Session by itself would answer 500, or forget the visitor.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, Request, Response, abort, current_app, render_template, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_session.base import ServerSideSessionInterface
from werkzeug.exceptions import ServiceUnavailable

RETRY_AFTER = 10  # seconds


class OnTheServer(SessionInterface):
    """Flask-Session's ``store``, whose ``failures`` are answered politely."""

    purpose = "your session: an id, and nothing else; what belongs to it lies on the server"
    refusal = "this site has no session of this id"

    def __init__(self, store: ServerSideSessionInterface, failures: tuple[type[Exception], ...]) -> None:
        self.store, self.failures = store, failures

    def init_app(self, app: Flask) -> None:
        app.session_interface = self
        app.before_request(self._refuse)
        app.register_error_handler(ServiceUnavailable, _answer)

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        if _is_static(app, request):  # and a page has several, each of which would write the session anew
            return None
        try:
            opened: SessionMixin = self.store.open_session(app, request)
        except self.failures as error:
            _log(error)
            return None  # Flask makes a null session of it
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        try:
            self.store.save_session(app, session, response)
        except self.failures as error:
            _log(error)
            page, response.status_code, headers = _answer()
            response.set_data(page)
            response.headers.pop("Location", None)
            response.headers.update(headers)

    def accepts(self, cookie: str) -> bool:
        """Whether this cookie is the id of the present session."""
        return bool(getattr(session, "sid", None) == cookie)

    def changed_at(self, cookie: str) -> datetime | None:
        """None, since no store tells."""
        return None

    def renew_id(self, session: SessionMixin) -> None:
        """Go on under another id, and delete the record of the old one: whoever knew that knows nothing."""
        try:
            self.store.regenerate(session)
        except self.failures as error:
            _log(error)
            abort(503)

    def _refuse(self) -> None:
        if self.is_null_session(session._get_current_object()) and not _is_static(current_app, request):  # type: ignore[attr-defined]
            abort(503)


def _log(error: Exception) -> None:
    current_app.logger.error("The session store does not answer: %s", error)


def _is_static(app: Flask, request: Request) -> bool:
    return request.path.startswith(f"{app.static_url_path}/")


def _answer(error: Exception | None = None) -> tuple[str, int, dict[str, Any]]:
    return render_template("store_is_down.html"), 503, {"Retry-After": RETRY_AFTER}
