"""Pages to go back to: kept or not, after a form, with a script that asks anew, and one that is signed in to."""

from __future__ import annotations

import time

from flask import Flask, Response, make_response, redirect, request
from werkzeug import Response as AnyResponse

# Asks for the page anew where it is shown from memory.
RELOADS = "<script>addEventListener('pageshow', event => event.persisted && location.reload())</script>"
# Shows once more what it showed before, as a defect: from sessionStorage, after the site has answered.
REDRAWS = """<script>
  const shown = document.querySelector("p");
  sessionStorage.shown ??= shown.textContent;
  fetch("/slow").then(() => shown.textContent = sessionStorage.shown);
</script>"""
# The same a minute later, by a timer.
REDRAWS_LATER = """<script>
  const shown = document.querySelector("p");
  sessionStorage.shown ??= shown.textContent;
  setTimeout(() => shown.textContent = sessionStorage.shown, 60_000);
</script>"""
FORMS = """<form method="post" action="/sent"><button>send</button></form>
<form method="post" action="/answered?no-store"><button>ask</button></form>"""


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/<name>")
    def page(name: str) -> Response:
        """Says its name, and who is signed in; ``cache`` and ``policy`` are headers of it, and ``body`` comes last."""
        who = request.cookies.get("who", "nobody")
        body = f"<p>{name} of {who}</p><a href='/two'>to two</a>{FORMS}{request.args.get('body', '')}"
        response = make_response(f"<!doctype html><title>{name}</title>{body}")
        if cache := request.args.get("cache"):
            response.headers["Cache-Control"] = cache
        if policy := request.args.get("policy"):
            response.headers["Content-Security-Policy"] = policy
        return response

    @app.get("/signed-in")
    def sign_in() -> AnyResponse:
        """Leads to ``to``, if that is given."""
        response = redirect(request.args["to"]) if "to" in request.args else make_response("<p>signed in")
        response.set_cookie("who", "Ada")
        return response

    @app.get("/sign-out")
    def sign_out() -> AnyResponse:
        response = redirect("/two")
        response.delete_cookie("who")
        return response

    @app.post("/sent")
    def sent() -> AnyResponse:
        return redirect("/two")

    @app.post("/answered")
    def answered() -> Response:
        response = make_response("<p>answered</p><a href='/two'>to two</a>")
        if "no-store" in request.args:
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/slow")
    def slow() -> Response:
        """Takes as long as the cookie "slow" says, in seconds."""
        time.sleep(float(request.cookies.get("slow", 0)))
        response = make_response("slow")
        response.headers["Cache-Control"] = "no-store"
        return response

    return app
