"""Sign-ins that are kept in a cookie, or as a token in the page's storage: for how long stands in the query of /in."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from flask import Flask, Response, make_response, request

NOBODY = "<p>Nobody is signed in</p>"
KEEP = "<script>{where}Storage.token = '{token}'; {where}Storage.until = Date.now() + {lasts} * 1000</script>"
HAND_OVER = "<script>sessionStorage.handed = '{token}'</script>"  # /account puts it where it is kept: a defect
# Who is signed in by a token is drawn by a script, which asks the site.
DRAWN = """<p>…</p><script>
  if (sessionStorage.handed) localStorage.token = sessionStorage.handed;
  if (localStorage.until < Date.now()) localStorage.removeItem("token");
  const token = localStorage.token ?? sessionStorage.token, shown = document.querySelector("p");
  const draw = async () => {
    const answer = token && await fetch("/me", {headers: {Authorization: token}});
    shown.textContent = answer?.ok ? await answer.text() : "Nobody is signed in";
  };
  draw();
</script>"""


@dataclass
class Known:
    """A sign-in that the site knows: until when, and for how many seconds each visit renews it (0 for never)."""

    until: float
    slides: float
    age: int | None
    second: int | None = None  # the age that it gets by a visit, 0 for none: a defect
    makes_id: bool = False  # whether a visit makes an id of it that has no age, and no end: a defect


def create_app() -> Flask:
    app = Flask(__name__)
    known: dict[str, Known] = {}

    def is_known(token: str) -> bool:
        found = known.get(token)
        if not found or found.until < time.time():
            return False
        if found.slides:
            found.until = time.time() + found.slides
        return True

    @app.get("/in")
    def sign_in() -> Response:
        """For so many ``seconds``, by a cookie, a token, or a key that signs in anew; ``only`` here, if it says so.

        A sign-in that is ``remembered`` has a key of that age, of which a visit makes an id.

        The cookie is of this ``age``, and from a visit on of the ``second`` one.
        """
        token, seconds = secrets.token_hex(), request.args.get("seconds", 10**9, type=int)
        slides = seconds if "slides" in request.args else 0
        age, second = request.args.get("age", type=int), request.args.get("second", type=int)
        if "only" in request.args:
            known.clear()
        known[token] = Known(time.time() + seconds, slides, age, second)
        where = request.args.get("where", "cookie")
        lasts = request.args.get("lasts", 10**9)
        response = make_response("" if where == "cookie" else KEEP.format(where=where, token=token, lasts=lasts))
        if where == "handed":
            response = make_response(HAND_OVER.format(token=token))
        if where == "cookie":
            response.set_cookie("id", token, max_age=known[token].age)
        if "key" in request.args:
            key = secrets.token_hex()
            known[key] = Known(10**12, 0, None)
            response.set_cookie("key", key, max_age=10**6)
        if "remembered" in request.args:
            key = secrets.token_hex()
            known[key] = Known(time.time() + seconds, 0, None, makes_id=True)
            response.set_cookie("key", key, max_age=seconds)
            known[token].until = 10**12
        if "beside" in request.args:  # no part of the sign-in
            response.set_cookie("beside", request.args["beside"])
        return response

    @app.get("/account")
    @app.get("/also")
    def account() -> Response:
        token = next((each for each in request.cookies.values() if is_known(each)), "")
        if not request.cookies:
            return make_response(DRAWN)
        response = make_response("<p>Signed in as Ada</p>" if token else NOBODY)
        if token and known[token].makes_id:
            known[new := secrets.token_hex()] = Known(10**12, 0, None)
            response.set_cookie("id", new)
        if token and known[token].slides and known[token].age:
            response.set_cookie("id", token, max_age=known[token].age)
        if token and known[token].second is not None:
            response.set_cookie("id", token, max_age=known[token].second or None)
        return response

    @app.get("/me")
    def me() -> tuple[str, int]:
        return ("Signed in as Ada", 200) if is_known(request.headers["Authorization"]) else ("who?", 401)

    @app.get("/out")
    def sign_out() -> Response:
        """Forgets the token, but no key; one in storage is removed, unless it is ``kept``. Answers ``status``."""
        known.pop(request.cookies.get("id", ""), None)
        response = make_response("" if "kept" in request.args else "<script>localStorage.clear()</script>")
        response.delete_cookie("id")
        response.status_code = request.args.get("status", 200, type=int)
        return response

    @app.get("/plain")
    def plain() -> str:
        return NOBODY

    @app.get("/ping")
    def ping() -> Response:
        return account()

    @app.get("/polling")
    def polling() -> str:
        """Asks for news each minute, and so is never idle."""
        return "<script>setInterval(() => fetch('/ping'), 60_000)</script>"

    @app.get("/leaving")
    def leaving() -> str:
        """Signs out by itself after 15 minutes."""
        return "<script>setTimeout(() => location = '/out', 15 * 60_000)</script>"

    return app
