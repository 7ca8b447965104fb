"""A site that has everybody come over https, as Flask-Talisman does, and signs them in with a cookie that is Secure."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, redirect, request, session
from flask.wrappers import Response
from werkzeug import Response as AnyResponse

FORM = "<form action=/sign_in method=post><button>Sign in</button></form>"


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY="a key for the tests, and for nothing else",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        STATUS=302,
        NAMES_A_PORT=True,
    )
    app.config.from_prefixed_env()

    @app.before_request
    def lead_to_https() -> AnyResponse | None:
        if request.is_secure:
            return None
        url = request.url.replace("http://", "https://", 1)
        if not app.config["NAMES_A_PORT"]:
            url = url.replace(request.host, request.host.partition(":")[0], 1)
        return redirect(url, code=app.config["STATUS"])

    @app.after_request
    def insist(response: Response) -> Response:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response

    @app.get("/")
    def home() -> str:
        return f"{session.get('name', 'nobody')} {FORM}"

    @app.route("/sign_in", methods=["GET", "POST"])
    def sign_in() -> str:
        session["name"], session.permanent = "Ada", True
        return f"signed in by {request.method}"

    @app.get("/sign_out")
    def sign_out() -> str:
        session.clear()
        return "signed out"

    @app.get("/away")
    def away() -> AnyResponse:
        return redirect("https://localhost:9/")  # where no browser goes: Fetch, 2.9, "bad port"

    return app
