"""Pages that do something by themselves as time goes by: they poll, sign out, and have frames and workers that do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from flask import Flask, Response, jsonify, make_response, request, session

MINUTE = 60_000
# Asks for /beat once in each minute, and says by which clocks of its own.
BEATS = """let beats = 0;
setInterval(() => fetch(`/beat?who=%s&beats=${++beats}&date=${Date.now()}&now=${performance.now()}`), 60_000);
"""
LIVELY = f"""<!doctype html><title>lively</title>
<script>
{BEATS % "page"}
const due = [];
for (const minutes of [7, 3, 5]) setTimeout(() => due.push(minutes), minutes * {MINUTE});
setTimeout(() => {{ due.push("first"); setTimeout(() => due.push("then"), {MINUTE}) }}, {MINUTE});
new EventSource("/stream").onmessage = () => document.title = "streaming";
new Worker("/worker.js?who=dedicated");
new SharedWorker("/worker.js?who=shared");
navigator.serviceWorker.register("/worker.js?who=service").then(each => navigator.serviceWorker.ready)
  .then(() => document.body.append("all is there"));
</script><body>
"""


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="for the tests", PERMANENT_SESSION_LIFETIME=timedelta(minutes=30))

    beats: list[dict[str, float | str]] = []

    @app.get("/beat")
    def beat() -> str:
        beats.append({**request.args, "site": time.time() * 1000})
        return "ok"

    @app.get("/beats")
    def all_beats() -> Response:
        """All that was asked for so far, and when, by the site's clock."""
        return jsonify(beats)

    @app.get("/lively")
    def lively() -> str:
        other = request.url_root.replace("localhost", "other.localhost")
        sources = ["/beating?who=frame0", f"{other}beating?who=frame1"]
        return LIVELY + "".join(f"<iframe src='{source}'></iframe>" for source in sources)

    @app.get("/beating")
    def beating() -> str:
        return f"<!doctype html><script>{BEATS % request.args['who']}</script>"

    @app.get("/worker.js")
    def worker() -> Response:
        return app.response_class(BEATS % request.args["who"], mimetype="text/javascript")

    @app.get("/slow")
    def slow() -> str:
        time.sleep(0.5)
        return "ok"

    @app.get("/stream")
    def stream() -> Response:
        def drip() -> Iterator[bytes]:
            while True:
                yield b"data: 1\n\n"
                time.sleep(0.2)

        return Response(drip(), mimetype="text/event-stream")

    # A session that ends after 30 idle minutes; each request renews it.

    @app.get("/")
    def home() -> str:
        return "<!doctype html>" + ("Signed in as Ada" if session else "Signed out")

    @app.get("/sign-in")
    def sign_in() -> Response:
        """Leads to the page that it is asked for."""
        session.permanent = True
        session["person"] = "Ada"
        response = make_response("", 302)
        response.headers["Location"] = request.args["to"]
        return response

    @app.get("/sign-out")
    def sign_out() -> str:
        session.clear()
        return home()

    @app.get("/ping")
    def ping() -> str:
        return "pong"

    @app.get("/polling")
    def polling() -> str:
        """Asks for news each minute, or as often as it is told: so nobody is ever idle here."""
        every = request.args.get("every", MINUTE, type=int)
        return home() + f"<script>setInterval(() => fetch('/ping'), {every})</script>"

    @app.get("/leaving")
    def leaving() -> str:
        """Signs out by itself after 15 minutes."""
        return home() + f"<script>setTimeout(() => location = '/sign-out', {15 * MINUTE})</script>"

    @app.get("/asking")
    def asking() -> str:
        """Asks after 10 minutes whether somebody is there, and signs out if not."""
        script = f"setTimeout(() => {{ if (!confirm('Still there?')) location = '/sign-out' }}, {10 * MINUTE})"
        return home() + f"<script>{script}</script>"

    return app
