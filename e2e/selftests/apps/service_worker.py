"""A site whose service worker answers for every path: from its cache, with garbage, with a lie, or never."""

from __future__ import annotations

from flask import Flask, Response, make_response, request

INSTALL = """<!doctype html><title>controlled</title><p>asking
<script>
  navigator.serviceWorker.addEventListener("controllerchange", () => document.querySelector("p").textContent = "ready");
  navigator.serviceWorker.register("/worker.js" + location.search);
</script>"""
WORKER = """
const json = text => new Response(text, {headers: {"Content-Type": "application/json"}});
const answers = {
  cache: async () => (await caches.open("all")).match("/home"),
  garbage: async () => json("<garbage>"),
  lie: async () => json('"promised=1"'),
  never: () => new Promise(() => 0),
};
const answer = answers[new URL(location).searchParams.get("answer")];
addEventListener("install", event => {
  skipWaiting();
  event.waitUntil(caches.open("all").then(cache => cache.add("/home")));
});
addEventListener("activate", event => event.waitUntil(clients.claim()));
addEventListener("fetch", event => event.respondWith(answer()));
"""


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def install() -> str:
        return INSTALL

    @app.get("/home")
    def home() -> str:
        return "<!doctype html><title>home</title>home"

    @app.get("/worker.js")
    def worker() -> Response:
        return Response(WORKER, mimetype="text/javascript")

    @app.get("/set")
    def set_one() -> Response:
        response = make_response("set")
        response.headers.add("Set-Cookie", request.args["cookie"])
        return response

    return app
