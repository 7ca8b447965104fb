"""Pages that keep a token where no cookie is, and remove it, or do not: what they do stands in the query."""

from __future__ import annotations

from flask import Flask, request

PAGE = """<!doctype html><title>storage</title><p>working
<script>
  const result = request => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const keep = async (name, value) => {
    const opening = indexedDB.open("shop");
    opening.onupgradeneeded = () => opening.result.createObjectStore("tokens");
    const database = await result(opening);
    const store = database.transaction("tokens", "readwrite").objectStore("tokens");
    await result(value === null ? store.delete(name) : store.put(value, name));
    database.close();
  };
  const told = new URLSearchParams(location.search);
  const act = async () => {
    for (const [what, pair] of told) {
      const [name, value] = pair.split("=");
      if (what === "local") localStorage.setItem(name, value);
      if (what === "session") sessionStorage.setItem(name, value);
      if (what === "indexed") await keep(name, {is: value});
      if (what === "later") {  // after the harness has looked at the page often
        let looks = 0;
        const get = () => { if (++looks === 40) localStorage.setItem(name, value); return ""; };
        Object.defineProperty(document, "cookie", {get});
      }
      if (what === "drop") { localStorage.removeItem(name); sessionStorage.removeItem(name); await keep(name, null); }
      if (what === "once") localStorage[name] ??= Math.random();
      if (what === "answers") {
        await navigator.serviceWorker.register("/worker.js");
        await navigator.serviceWorker.ready;
      }
    }
  };
  act().then(() => document.querySelector("p").textContent = "done");
</script>"""
# Whatever is asked for, it answers with a page that keeps something itself.
WORKER = """
const page = "<!doctype html><script>localStorage.setItem('by-the-worker', 'yes')</script>";
addEventListener("fetch", event => event.respondWith(new Response(page, {headers: {"Content-Type": "text/html"}})));
"""


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        return PAGE

    @app.get("/plain")
    def plain() -> str:
        """A page with a frame, if ``of`` names one."""
        of = request.args.get("of", "").replace("&", "&amp;").replace('"', "&quot;")
        return "<!doctype html><title>plain</title>" + (f'<iframe src="{of}"></iframe>' if of else "")

    @app.get("/worker.js")
    def worker() -> tuple[str, dict[str, str]]:
        return WORKER, {"Content-Type": "text/javascript"}

    return app
