"""Answers with the headers and the script that the query asks for, so that each test reads like the site it needs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from flask import Flask, Response, make_response, request

# Each button is a site's way to take its time.
BUTTONS = """<!doctype html>
<button id=sign-in onclick="fetch('/late?c=sid=1')">sign in</button>
<button id=sign-in-later onclick="fetch('/late').then(() =>
  setTimeout(() => document.cookie = 'by_script=1', 300))">sign in later</button>
<button id=sign-out onclick="fetch('/late?c=sid=; Max-Age=0')">sign out</button>
<button id=poll onclick="poll()">poll</button>
<button id=never onclick="fetch('/never')">never</button>
<button id=stream onclick="new EventSource('/never')">stream</button>
<button id=by-turns onclick="byTurns()">poll by turns</button>
<button id=anew onclick="anew()">poll anew</button>
<button id=chain onclick="chain()">chain</button>
<a id=style href="/styled">style</a>
<script>
  async function poll() { for (let n = 0; ; n++) await fetch(`/late?seconds=1&n=${n}`) }
  async function byTurns() { for (;;) for (const each of ["a", "b"]) await fetch(`/late/${each}?seconds=0.7`) }
  async function anew() {
    const letters = () => Math.random().toString(36).replace(/[^a-z]/g, "");
    for (;;) await fetch(`/late/${letters()}`);
  }
  async function chain() {
    for (const each of "abcd") await fetch(`/late/${each}?seconds=0.7`);
    document.cookie = "chained=1";
  }
</script>
"""


def create_app() -> Flask:
    app = Flask(__name__)

    def answer(body: str) -> Response:
        response = make_response(body)
        for line in request.args.getlist("c"):
            response.headers.add("Set-Cookie", line)
        if clear := request.args.get("clear"):
            response.headers["Clear-Site-Data"] = f'"{clear}"'
        if unquoted := request.args.get("clear-unquoted"):
            response.headers["Clear-Site-Data"] = unquoted
        return response

    @app.get("/")
    def home() -> str:
        return "home"

    @app.get("/say", defaults={"path": ""})
    @app.get("/say/<path:path>")
    def say(path: str) -> Response:
        script = request.args.get("script", "")
        response = answer(f"<!doctype html><script>{script}</script>" if script else "said")
        if "to" in request.args:
            response.status_code, response.headers["Location"] = 302, request.args["to"]
        return response

    @app.get("/embed")
    def embed() -> str:
        return f"<!doctype html><iframe src={json.dumps(request.args['url'])}></iframe>"

    @app.get("/late", defaults={"path": ""})
    @app.get("/late/<path:path>")
    def late(path: str) -> Response:
        time.sleep(request.args.get("seconds", 0.4, type=float))
        return answer("late")

    @app.get("/buttons")
    def buttons() -> str:
        return BUTTONS

    @app.get("/styled")
    def styled() -> str:
        return "<!doctype html><link rel=stylesheet href='/never?type=text/css'>"

    @app.get("/never")
    def never() -> Response:
        def drip() -> Iterator[bytes]:
            while True:
                yield b":\n\n"
                time.sleep(0.2)

        return Response(drip(), mimetype=request.args.get("type", "text/event-stream"))

    return app
