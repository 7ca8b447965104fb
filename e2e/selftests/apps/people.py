"""Sites on which a fetch and a visit, a cookie and a person, a header and the browser tell two stories."""

from __future__ import annotations

import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable

from flask import Flask, Response, abort, make_response, redirect, request

HOUR = 3600
REMEMBERED: dict[str, str] = {}  # session or remember-me token, and who it is
ENDS: dict[str, float] = {}  # when the server forgets
BEGAN: dict[str, float] = {}
RESTORES = """<script>
const id = /(?:^|; )id=([^;]*)/.exec(document.cookie);
if (id) localStorage.id = id[1]; else if (localStorage.id) document.cookie = "id=" + localStorage.id;
</script>"""

# Renews in an idle callback, which no browser runs while another task waits: here one does, until the page may rest.
IDLE = """<script>
let rests = false;
const {port1, port2} = new MessageChannel();
port1.onmessage = () => rests || port2.postMessage(0);
port2.postMessage(0);
requestIdleCallback(() => document.cookie = "idle=2; Max-Age=3600; Path=/idle/");
</script>"""

SET_AND = {
    "script": "<script>document.cookie = 'id=; Max-Age=0; Path=/'</script>",
    "fetch": "<script>fetch('/fetched/deleted')</script>",
}


def page(body: str = "") -> Response:
    return make_response(f"<!doctype html><title>people</title>{body}")


def signed_in(name: str, age: int | None = None, forgets: float = 10**9) -> Response:
    token, response = secrets.token_hex(16), page("welcome")
    REMEMBERED[token], BEGAN[token], ENDS[token] = "Ada", time.time(), time.time() + forgets
    response.set_cookie(name, token, max_age=age)
    return response


def known(name: str) -> bool:
    token = request.cookies.get(name, "")
    return token in REMEMBERED and ENDS[token] > time.time()


def shows(is_known: bool) -> Response:
    return page("<p>Signed in as <b>Ada</b></p>" if is_known else "<p>Nobody is signed in</p>")


def create_app() -> Flask:
    app = Flask(__name__)
    _renewals(app)
    _people(app)
    _told_by_attackers(app)
    _reaching(app)
    return app


def _renewals(app: Flask) -> None:
    @app.get("/set/<name>")
    def set_cookie(name: str) -> Response:
        response = page()
        response.set_cookie(name, "1", max_age=HOUR, path=f"/{name}/")
        return response

    @app.get("/plain/")
    @app.get("/asks/")
    def plain() -> Response:
        return page("nothing happens")

    @app.get("/idle/")
    def idle() -> Response:
        return page(IDLE)

    @app.get("/picture/")
    def picture() -> Response:
        return page("<img src=/picture/px>")

    @app.get("/picture/px")
    def pixel() -> Response:
        response = make_response("", {"Content-Type": "image/png"})
        response.set_cookie("picture", "2", max_age=HOUR, path="/picture/")
        return response

    @app.get("/script/")
    def script() -> Response:
        return page("<script>document.cookie = 'script=2; Max-Age=3600; Path=/script/'</script>")

    @app.get("/late/")
    def late() -> Response:
        return page("<script>onload = () => fetch('/late/ping').then(() => fetch('/late/px'))</script>")

    @app.get("/late/ping")
    def ping() -> str:
        return ""

    @app.get("/late/px")
    def late_pixel() -> Response:
        response = make_response("")
        response.set_cookie("late", "2", max_age=HOUR, path="/late/")
        return response

    @app.get("/navigated/")
    def navigated() -> Response:
        response = page()
        if request.headers.get("Sec-Fetch-Mode") == "navigate":  # a fetch would renew nothing
            response.set_cookie("navigated", "2", max_age=HOUR, path="/navigated/")
        return response

    @app.get("/beacon/")
    def beacon() -> Response:
        """Renews as it is left."""
        return page("<script>onpagehide = () => navigator.sendBeacon('/beacon/renew')</script>")

    @app.post("/beacon/renew")
    def renew_by_a_beacon() -> Response:
        response = make_response("")
        response.set_cookie("beacon", secrets.token_hex(4), max_age=HOUR, path="/beacon/")
        return response

    @app.get("/quarter/")
    def quarter() -> Response:
        """Renews only in the last quarter of its time; the cookie says when it was set."""
        response = page()
        set_at = float(request.cookies.get("quarter", time.time()))
        if time.time() - set_at > HOUR * 3 / 4:
            response.set_cookie("quarter", str(time.time()), max_age=HOUR, path="/quarter/")
        return response

    @app.get("/set-quarter")
    def set_quarter() -> Response:
        response = page()
        response.set_cookie("quarter", str(time.time()), max_age=HOUR, path="/quarter/")
        return response

    @app.get("/clocks")
    def clocks() -> dict[str, float]:
        """What this process takes for the time, and what is not on its clock."""
        with tempfile.NamedTemporaryFile() as file:
            written = os.stat(file.name).st_mtime
        return {"time": time.time(), "monotonic": time.monotonic(), "file": written}

    @app.get("/deleted-by-a-script")
    def deleted_by_a_script() -> Response:
        return page("<script>document.cookie = 'plain=; Max-Age=0; Path=/plain/'</script>")

    @app.get("/tardy")
    def tardy() -> Response:
        return page("<script>setTimeout(() => { document.cookie = 'tardy=1; Max-Age=3600; Path=/' }, 1500)</script>")

    @app.get("/leads-away/")
    def led_astray() -> Response:
        return redirect("/missing")  # type: ignore[return-value]

    @app.get("/late-refusal/<when>")
    def late_refusal(when: str) -> Response:
        response = page()
        response.set_cookie("grown", "1" if when == "first" else "1" * 5000, max_age=None if request.args else HOUR)
        return response


def _people(app: Flask) -> None:
    def sign_in(path: str, make: Callable[[], Response]) -> None:
        app.add_url_rule(path, endpoint=path, view_func=make)

    sign_in("/in", lambda: signed_in("sid"))
    sign_in("/in-for-an-hour", lambda: signed_in("sid", HOUR))
    sign_in("/in-by-the-server-for-15-minutes", lambda: signed_in("sid", forgets=15 * 60))
    sign_in("/in-by-the-server-for-50-minutes", lambda: signed_in("sid", HOUR, forgets=50 * 60))

    @app.get("/in-remembered")
    def remembered() -> Response:
        response = signed_in("sid")
        token = secrets.token_hex(16)
        REMEMBERED[token], ENDS[token] = "Ada", 10**12
        response.set_cookie("remember", token, max_age=30 * 86400)
        return response

    @app.get("/account")
    def account() -> Response:
        """As remember-me is built: whoever comes with only the token gets a session anew."""
        if known("sid"):
            return shows(True)
        if known("remember"):
            response = signed_in("sid")
            response.set_data(shows(True).get_data())
            return response
        response = shows(False)
        response.set_cookie("sid", secrets.token_hex(16))  # an anonymous session
        return response

    @app.get("/plain-account")
    def plain_account() -> Response:
        """Knows only the session, and sets nothing."""
        return shows(known("sid"))

    @app.get("/hidden-account")
    def hidden() -> Response:
        return page("<p hidden>Signed in as Ada</p>" if known("sid") else "<p>Nobody is signed in</p>")

    @app.get("/titled-account/<where>")
    def titled(where: str) -> Response:
        """Says who is signed in in its title, or on the page too."""
        who = "Signed in as Ada" if known("sid") else "Nobody is signed in"
        return make_response(f"<!doctype html><title>{who}</title><p>{who if where == 'page' else 'Welcome'}")

    @app.get("/out")
    def out() -> Response:
        """Forgets only the session."""
        REMEMBERED.pop(request.cookies.get("sid", ""), None)
        response = page("bye")
        response.delete_cookie("sid")
        return response

    @app.get("/account-that-ends-it")
    def ends_it() -> Response:
        """Deletes the cookie of somebody whom the server has forgotten: after 50 minutes."""
        token, response = request.cookies.get("sid", ""), page()
        if token in ENDS and ENDS[token] - 10**9 + 50 * 60 < time.time():
            response.delete_cookie("sid")
        return response

    @app.get("/out-to-the-account")
    def out_to_the_account() -> Response:
        response = redirect("/account")
        response.delete_cookie("sid")
        return response  # type: ignore[return-value]

    @app.get("/out-by-redirects/<when>")
    def out_by_redirects(when: str) -> Response:
        """Leads from one to the next; the middle one is to delete it, for another path or without quotes."""
        response = redirect({"first": "/out-by-redirects/then", "first-cleared": "cleared"}.get(when, "/picture/"))
        if when == "then":
            response.delete_cookie("sid", path="/elsewhere")
        if when == "cleared":
            response.headers["Clear-Site-Data"] = "cookies"
        return response  # type: ignore[return-value]

    @app.get("/out-early")
    def out_early() -> Response:
        """Its token lasts for ten minutes from the sign-in."""
        response = page("bye")
        if time.time() - BEGAN.get(request.cookies.get("sid", ""), 0) < 600:
            response.delete_cookie("sid")
        return response

    @app.get("/out-of-all")
    def out_of_all() -> Response:
        response = out()
        response.delete_cookie("remember")
        return response

    @app.get("/out-on-the-server")
    def out_on_the_server() -> Response:
        """The cookie stays; the server knows nobody by it."""
        REMEMBERED.pop(request.cookies.get("sid", ""), None)
        return page("bye")

    @app.get("/in-with-a-token")
    def in_with_a_token() -> Response:
        response = signed_in("sid", HOUR)
        response.set_cookie("token", "1", max_age=15 * 60)
        return response

    @app.get("/out-with-a-token")
    def out_with_a_token() -> Response:
        if "token" not in request.cookies:
            abort(403)
        return out()

    @app.get("/out-with-a-token-in-silence")
    def out_in_silence() -> Response:
        return out() if "token" in request.cookies else page("bye")

    @app.get("/set-id")
    def set_id() -> Response:
        response = page()
        age = request.args.get("age", type=int)
        response.set_cookie(request.args.get("name", "id"), "0123456789abcdef0123456789abcdef", max_age=age)
        return response

    @app.get("/restores/")
    def restores() -> Response:
        """Its script keeps the cookie in another place, and puts it back."""
        return page(RESTORES)

    @app.get("/constant")
    def constant() -> Response:
        """Everybody is given the same, which is long enough for an id."""
        return set_id()

    @app.get("/drawn-late/<by>")
    def drawn_late(by: str) -> Response:
        """A timer draws who is signed in, by the cookie, or by what the browser keeps elsewhere."""
        return page(
            "<script>if (document.cookie.includes('open=')) localStorage.known = 1;"
            f"else if ('{by}' == 'cookie') localStorage.clear();"
            "setTimeout(() => { if (localStorage.known) document.body.append('Signed in as Ada') }, 600)</script>"
        )

    @app.get("/in-open")
    def in_open() -> Response:
        response = page()
        response.set_cookie("open", secrets.token_hex(8))
        return response

    @app.get("/refused/<int:status>")
    def refused(status: int) -> Response:
        return shows(True) if known("sid") else app.response_class("no", status)

    @app.get("/spa")
    def one_page() -> Response:
        """One page that does what its fragment says."""
        return page(
            "<p></p><script>if (location.hash == '#in') document.cookie = 'spa=1';"
            "if (location.hash == '#out') document.cookie = 'spa=; Max-Age=0';"
            "document.querySelector('p').textContent = document.cookie.includes('spa=1') ? 'Signed in as Ada' : 'Hello'"
            "</script>"
        )

    @app.get("/lang")
    def lang() -> Response:
        response = page()
        response.set_cookie("lang", "en")
        return response


def _told_by_attackers(app: Flask) -> None:
    @app.get("/deleted-and-set-again")
    def deleted_and_set_again() -> Response:
        """As Flask does with ``delete_cookie("session")`` while it refreshes the session in the same response."""
        response = page("bye")
        response.delete_cookie("id")
        response.set_cookie("id", secrets.token_hex(16))
        return response

    @app.get("/deleted-elsewhere")
    def deleted_elsewhere() -> Response:
        response = page("bye")
        response.set_cookie("id", secrets.token_hex(16))
        response.delete_cookie("id", path="/nowhere")
        return response

    @app.get("/goes-on-to-nowhere/<how>")
    def goes_on(how: str) -> Response:
        script, refresh = "<script>location = '/missing'</script>", "<meta http-equiv=refresh content='0;url=/missing'>"
        return page(script if how == "script" else refresh)

    @app.get("/renews-only-the-cookie")
    def renews_only_the_cookie() -> Response:
        """In the last quarter the cookie is renewed, and what the server knows is not."""
        response = shows(known("sid"))
        token = request.cookies.get("sid", "")
        if token in ENDS and time.time() > ENDS[token] - HOUR / 4:
            response.set_cookie("sid", token, max_age=HOUR)
        return response

    @app.get("/in-for-an-hour-and-no-more")
    def in_for_an_hour_and_no_more() -> Response:
        return signed_in("sid", HOUR, forgets=HOUR)

    @app.get("/restores-from-the-cache/")
    def restores_from_the_cache() -> Response:
        response = page(RESTORES)
        response.headers["Cache-Control"] = "max-age=99999999"
        return response

    @app.get("/set-letters")
    def set_letters() -> Response:
        response = page()
        response.set_cookie("id", "".join(secrets.choice("abcdefghijklmnop") for _ in range(40)))
        return response

    @app.get("/stream/")
    def with_a_stream() -> Response:
        return page("<script>new EventSource('/stream/of-events')</script>")

    @app.get("/stream/of-events")
    def events() -> Response:
        response = app.response_class(iter([b"data: 1\n\n"]), mimetype="text/event-stream")
        response.set_cookie("stream", "2", max_age=HOUR, path="/stream/")
        return response

    @app.get("/persistent-after-a-while")
    def persistent_after_a_while() -> Response:
        token, response = request.cookies.get("sid", ""), shows(known("sid"))
        if token in BEGAN and time.time() - BEGAN[token] > 10 * 60:
            response.set_cookie("sid", token, max_age=86400)
        return response

    @app.get("/forbidden-but-shown")
    def forbidden_but_shown() -> tuple[Response, int]:
        """Whoever has been here once is known, by another cookie."""
        response = shows(True)
        response.set_cookie("been", "here")
        return response, 200 if known("sid") else 403

    @app.get("/flash")
    def flash() -> Response:
        """Says it once."""
        response = shows("flashed" not in request.cookies)
        response.set_cookie("flashed", "1")
        return response

    @app.get("/sixty/")
    def sixty() -> Response:
        return page("<script>for (let i = 0; i < 60; i++) document.cookie = 's' + i + '=1; Path=/'</script>")

    @app.get("/in-only-here")
    @app.get("/in-only-here-for-an-hour")
    def in_only_here() -> Response:
        """A person is known in one browser at a time."""
        response = signed_in("sid", *([HOUR] * request.path.endswith("hour")))
        token = response.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
        for other in [each for each, name in REMEMBERED.items() if name == "Ada, only here"]:
            del REMEMBERED[other]
        REMEMBERED[token] = "Ada, only here"
        return response

    @app.get("/set-late")
    def set_late() -> Response:
        """A script sets it in 7 seconds, which is later than an end is asked for after it."""
        ticks = "let n = 0; const end = setInterval(() => { if (++n < 70) return; clearInterval(end);"
        return page(f"<script>{ticks} document.cookie = 'late=1; Max-Age=3600; Path=/' }}, 100)</script>")

    @app.get("/https-only")
    def https_only() -> Response:
        response = page()
        if request.is_secure:
            response.set_cookie("tls", "1")
        return response

    @app.get("/to-https")
    def to_https() -> Response:
        if not request.is_secure:
            return redirect(request.url.replace("http:", "https:"))  # type: ignore[return-value]
        response = page()
        response.set_cookie("secured", "1")
        return response

    @app.get("/dies-later")
    def dies_later() -> Response:
        """The process ends once this has been answered."""
        response = page()
        response.set_cookie("mortal", "1")
        response.call_on_close(lambda: threading.Timer(0.2, os._exit, [3]).start())
        return response

    @app.post("/out-by-a-form")
    def out_by_a_form() -> Response:
        return page("bye")

    @app.get("/kept-by-the-page")
    def kept_by_the_page() -> Response:
        """A script shows what it once has seen."""
        told = "<p>Signed in as Ada</p>" if known("sid") else "<p>Nobody</p>"
        return page(
            f"{told}<script>const told = document.querySelector('p');"
            "if (told.textContent.startsWith('Signed')) localStorage.told = told.textContent;"
            "if (localStorage.told) told.textContent = localStorage.told</script>"
        )

    @app.get("/silently/<what>")
    def silently(what: str) -> Response:
        """Signs in by what another host knows of the browser."""
        port = request.host.partition(":")[2]
        if what == "account":
            if known("sid"):
                return shows(True)
            if "nobody" in request.args:
                return shows(False)
            return redirect(f"http://auth.localhost:{port}/silently/asked?back={request.host}")  # type: ignore[return-value]
        if what == "asked":
            back, is_known = request.args["back"], known("sso")
            there = "granted" if is_known else "account?nobody"
            return redirect(f"http://{back}/silently/{there}")  # type: ignore[return-value]
        if what == "in":
            return redirect(f"http://auth.localhost:{port}/silently/in-there?back={request.host}")  # type: ignore[return-value]
        if what == "in-there":
            response = signed_in("sso")
            response.status_code, response.headers["Location"] = 302, f"http://{request.args['back']}/silently/granted"
            return response
        if what == "granted":
            response = signed_in("sid")
            response.status_code, response.headers["Location"] = 302, "/silently/account"
            return response
        if what == "out-everywhere":
            away = redirect(f"http://auth.localhost:{port}/silently/out-there")
            away.delete_cookie("sid")
            return away  # type: ignore[return-value]
        response = page("bye")
        response.delete_cookie("sso" if what == "out-there" else "sid")
        return response

    @app.get("/by-a-worker/<first>")
    def by_a_worker(first: str) -> Response:
        """A service worker answers for the page, from its cache or from the site first."""
        script = f"navigator.serviceWorker.register('/by-a-worker/{first}/worker.js', {{scope: '/by-a-worker/'}})"
        return make_response(shows(known("sid")).get_data(as_text=True) + f"<script>{script}</script>")

    @app.get("/by-a-worker/<first>/worker.js")
    def worker(first: str) -> Response:
        asks = "fetch(request).then(answer => { cache.put(request, answer.clone()); return answer })"
        found = {"cache": f"await cache.match(request) || {asks}", "site": f"{asks}.catch(() => cache.match(request))"}
        response = app.response_class(
            "const later = new Promise(done => setTimeout(done, 1000));"
            "oninstall = event => event.waitUntil(later.then(() => skipWaiting()));"
            "onactivate = event => event.waitUntil(clients.claim());"
            "const isPage = request => request.mode === 'navigate' && !request.url.includes('out');"
            "onfetch = event => { if (isPage(event.request)) event.respondWith(answer(event.request)) };"
            "async function answer(request) { const cache = await caches.open('all');"
            f" return await ({found[first]}) }}",
            mimetype="text/javascript",
        )
        response.headers["Service-Worker-Allowed"] = "/"
        return response

    @app.get("/by-turns/<what>/<int:most>")
    def by_turns(what: str, most: int) -> Response:
        """Sets its cookie at each visit, until it gets an age, grows too large or has an absolute end."""
        response, before, now = page(), request.cookies.get(what), int(time.time())
        if what == "aged":
            visits = int(before or 0) + 1
            response.set_cookie(what, str(visits), max_age=HOUR if visits > most else None)
        if what == "grown":
            response.set_cookie(what, (before or "") + most * "x", max_age=HOUR)
        if what == "slid":
            began = int(before or now)
            response.set_cookie(what, str(began), max_age=min(HOUR, began + most * HOUR - now))
        return response

    @app.get("/never-still")
    def never_still() -> Response:
        """Opens a dialog once it has loaded, and the next before any other script of the page has its turn."""
        return page("<script>addEventListener('load', () => setTimeout(() => { while (true) alert(1); }, 0))</script>")

    @app.get("/other-tab")
    def other_tab() -> Response:
        """As long as it is open it says every 0.2 s who is signed in, by what it has kept."""
        return page(
            "<script>const id = document.cookie; setInterval(() => fetch('/other-tab/beat?' + id), 200)</script>"
        )

    @app.get("/other-tab/beat")
    def beat() -> Response:
        response = page()
        response.set_cookie("sid", request.args["sid"])
        return response


def _reaching(app: Flask) -> None:
    @app.get("/set-and/<how>")
    def set_and(how: str) -> Response:
        """Sets the cookie, and removes it at once: "clears" it, or has a "script" or the page's "fetch" do so."""
        response = page(SET_AND.get(how, ""))
        response.set_cookie("id", "0123456789abcdef0123456789abcdef", httponly=how != "script")
        if how == "clears":
            response.headers["Clear-Site-Data"] = '"cookies"'
        return response

    @app.get("/fetched/deleted")
    def fetched() -> Response:
        response = page()
        response.delete_cookie("id", httponly=True)
        return response

    @app.get("/clears")
    def clears() -> Response:
        response = page()
        response.headers["Clear-Site-Data"] = '"cookies"'
        return response

    @app.get("/wide")
    def wide() -> Response:
        response = page()
        response.set_cookie("wide", "1", domain=".".join(request.host.partition(":")[0].split(".")[-2:]))
        return response

    @app.get("/wide-by-a-script")
    def wide_by_a_script() -> Response:
        domain = ".".join(request.host.partition(":")[0].split(".")[-2:])
        return page(f"<script>document.cookie = 'wide=2; Domain={domain}; Path=/'</script>")

    @app.get("/crowd/")
    def crowd() -> Response:
        response = page()
        for number in range(40):
            response.set_cookie(f"crowd{number}", "1")
        return response

    @app.get("/to-a-sibling")
    def to_a_sibling() -> Response:
        host, _, port = request.host.partition(":")
        response = redirect(f"http://{host.partition('.')[2] or host}:{port}/plain/")
        response.set_cookie("sibling", "1")
        return response  # type: ignore[return-value]


def create_picky_app() -> Flask:
    """Answers only to its own hosts; ``/moves/`` leads there."""
    app = create_app()

    @app.before_request
    def check_host() -> Response | None:
        host = request.host.partition(":")[0]
        if request.path.startswith("/moves/") and host != "shop.localhost":
            there = request.url.replace(host, "shop.localhost", 1)
            return redirect(there)  # type: ignore[return-value]
        if host not in ("localhost", "shop.localhost"):
            abort(400)
        return None

    @app.get("/moves/")
    def moves() -> Response:
        response = page()
        response.set_cookie("moved", "1")
        return response

    return app
