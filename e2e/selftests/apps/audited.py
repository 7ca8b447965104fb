"""A site that keeps what is asked of a session; under a host that names it, it breaks one thing: no-secure.localhost.

The name may hold several, as labels of their own, or joined by "--". Each host has accounts and sessions of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlencode

from flask import Flask, Response, g, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as Answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MINUTE, HOUR, DAY = 60, 3600, 86400
IDLE, ABSOLUTE, REMEMBERED = 30 * MINUTE, 8 * HOUR, 30 * DAY
KEY = secrets.token_bytes(32)
PEOPLE = {"ada": "Ada", "bob": "Bob"}
LOGIN = """<!doctype html><title>Sign in</title><form method="post"><input type="hidden" name="token" value="{token}">
<label>Name <input name="name"></label><label><input type="checkbox" name="remember">Remember me</label>
<button>Sign in</button></form>
<form method="post" action="/reset"><button>Reset password</button></form>"""
ACCOUNT = """<!doctype html><title>Account</title><p>Signed in as <b>{name}</b></p><p>Colour: {colour}</p>
<form method="post" action="/change"><input type="hidden" name="token" value="{token}">
<input name="colour" value="green"><button>Change</button></form>
<form method="post" action="/password"><input type="hidden" name="token" value="{token}">
<button>New password</button></form>
<a href="/letters/{person}">Letters</a>
{out}{more}"""
OUT = """<form method="post" action="/logout"><input type="hidden" name="token" value="{token}">
<button>Sign out</button></form>"""
WAYS = {  # out of the page, right and wrong ones
    "no-way-out": f"<div hidden>{OUT}</div>",
    "faint-way-out": f'<div style="opacity: 0">{OUT}</div>',
    "far-way-out": f'<div style="position: absolute; left: -9999px">{OUT}</div>',
    "button-leads-out": OUT.replace("/logout", "/nowhere").replace("<button>", '<button formaction="/logout">'),
    "asks-before": "<a href=/logout>Sign out</a>",
}
READ = "answer => answer.text()"  # Chromium reports no end of an answer that nobody reads, so each would be waited for
KEEPS_MARKUP = """<script>caches.open("pages").then(cache => cache.put("/kept", new Response(document.body.innerHTML)))
</script>"""
DRAWN = """<!doctype html><title>Account</title><p>…</p><script>
  const shown = document.querySelector("p");
  fetch("/me", {headers: sessionStorage.token ? {Authorization: `Bearer ${sessionStorage.token}`} : {}})
    .then(answer => answer.json())
    .then(me => {
      if (me.token) sessionStorage.token = me.token;
      shown.textContent = me.name ? `Signed in as ${me.name}` : "Nobody is signed in";
    });
</script>"""


@dataclass
class Known:
    """A session that the site knows."""

    person: str
    began: float = field(default_factory=time.time)
    seen: float = field(default_factory=time.time)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    signed_in: bool = True
    agent: str = ""


@dataclass
class Here:
    """What one host has."""

    sessions: dict[str, Known] = field(default_factory=dict)
    remembered: dict[str, tuple[str, float]] = field(default_factory=dict)
    colours: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PEOPLE, "red"))
    codes: dict[str, str] = field(default_factory=dict)
    cached: str = ""
    by_url: dict[str, str] = field(default_factory=dict)
    count: int = 1000
    sign_ins: int = 0


def create_app() -> Flask:
    app = Flask(__name__)
    app.wsgi_app = PathParameters(app.wsgi_app)  # type: ignore[method-assign]
    hosts: defaultdict[str, Here] = defaultdict(Here)

    def breaks(what: str) -> bool:
        return what in g.breaks

    def cookie(name: str) -> str:
        bare = breaks("no-prefix") or breaks("domain-cookie") or breaks(f"bare-{name}")
        return name if bare else f"__Host-{name}"

    def presented() -> str:
        if breaks("either"):
            return request.cookies.get(cookie("id")) or request.cookies.get(cookie("also"), "")
        if breaks("query") and request.args.get("session"):
            return request.args["session"]
        if breaks("token"):
            return request.headers.get("Authorization", "").removeprefix("Bearer ")
        value = request.cookies.get(cookie("id"), "")
        if breaks("path-parameter"):
            value = value or request.environ["audited.parameter"]
        if breaks("suffix") or breaks("two-nodes"):  # which a load balancer takes away
            value = value.rpartition(".")[0]
        if breaks("half"):
            value = next((each for each in g.here.sessions if each[:20] == value[:20]), "")
        return value

    def current() -> Known | None:
        here: Here = g.here
        if breaks("jwt") and (forged := accepted(presented(), g.breaks)) and presented() not in here.sessions:
            return Known(forged)
        if known := here.sessions.get(presented()):
            now = time.time()
            if breaks("bound-to-user-agent") and known.agent not in ("", request.headers["User-Agent"]):
                return None
            known.agent = request.headers["User-Agent"]
            since = known.began if breaks("idle-from-sign-in") else known.seen
            idle = not breaks("idle-by-cookie") and not breaks("no-idle") and now - since > IDLE
            late = not breaks("no-absolute") and now - known.began > ABSOLUTE
            if not idle and not late:
                known.seen = now
                if breaks("absolute-reset"):
                    known.began = now
                if breaks("rotates") and known.signed_in:
                    g.new_session = secrets.token_urlsafe(32)
                    here.sessions[g.new_session] = here.sessions.pop(presented())
                return known
            here.sessions.pop(presented(), None)
        return remembered()

    def remembered() -> Known | None:
        here: Here = g.here
        old = request.cookies.get(cookie("remember"), "")
        person, until = here.remembered.get(old, ("", 0.0))
        if time.time() > until:
            return None
        if breaks("remember-rotates"):
            g.new_remember = secrets.token_urlsafe(32)
            here.remembered[g.new_remember] = here.remembered.pop(old)
        g.new_session = begin(person)
        return here.sessions[g.new_session]

    def begin(person: str, *, signed_in: bool = True) -> str:
        here: Here = g.here
        here.count += 7
        value = secrets.token_urlsafe(32)
        if breaks("escaped"):
            value = quote(f"s:{base64.b64encode(secrets.token_bytes(30) + bytes([255] * 3)).decode()}", safe="")
        if breaks("counter"):
            value = f"session{here.count}"
        if breaks("short-value"):
            value = secrets.token_hex(4)
        if breaks("static-value"):
            value = f"{person or secrets.token_hex(4)}-{'0' * 32}"
        if breaks("jwt") and signed_in:
            age = 0 if breaks("no-expiry") else 10 * MINUTE if breaks("no-exp-check") else ABSOLUTE
            value = token(person, value, age)
        here.sessions[value] = Known(person, signed_in=signed_in)
        return value

    def put(response: Response, name: str, value: str, age: int | None = None) -> None:
        bare = breaks(f"bare-{name}")
        response.set_cookie(
            cookie(name),
            value,
            max_age=age,
            secure=not breaks("no-secure") and not bare,
            httponly=not breaks("no-httponly") and not bare,
            samesite=None if breaks("no-samesite") or bare else "None" if breaks("samesite-none") else "Lax",
            domain=request.host.partition(":")[0] if breaks("domain-cookie") else None,
        )

    def put_session(response: Response, value: str) -> None:
        age = IDLE if breaks("idle-by-cookie") or breaks("cookie-from-sign-in") else None
        age = 7 * DAY if breaks("outlives-browser") else 10 * MINUTE if breaks("cookie-of-ten-minutes") else age
        node = f".node{g.here.sign_ins % 2 + 1}" if breaks("two-nodes") else ".node1" if breaks("suffix") else ""
        put(response, "id", value + node, age)

    @app.before_request
    def begin_request() -> Answer | None:
        host = request.host.partition(":")[0]
        g.breaks, g.here, g.new_session = set(re.split(r"--|\.", host)), hosts[host], ""
        g.new_remember = ""
        if request.scheme == "http" and not breaks("http"):
            return redirect(request.url.replace("http:", "https:", 1), 301)
        return None

    @app.after_request
    def end_request(response: Response) -> Response:
        if g.new_session:
            put_session(response, g.new_session)
        if g.new_remember:
            put(response, "remember", g.new_remember, REMEMBERED)
        is_redirect = 300 <= response.status_code < 400
        spared = breaks("hsts-not-on-redirects") and is_redirect
        spared = spared or (breaks("hsts-not-on-sign-out") and request.path == "/logout")
        spared = spared or (breaks("hsts-not-on-404") and response.status_code == 404)
        if not breaks("no-hsts") and not spared:
            age = 86400 if breaks("hsts-short") else 31536000
            below = "" if breaks("hsts-without-subdomains") else "; includeSubDomains"
            response.headers["Strict-Transport-Security"] = f"max-age={age}{below}"
        if not breaks("no-referrer-policy"):
            response.headers["Referrer-Policy"] = "unsafe-url" if breaks("whole-urls") else "same-origin"
        cached = {"/account": "page-cached-in-browser", "/me": "api-cached-in-browser"}
        if breaks(cached.get(request.path, "")) and response.status_code == 200:
            response.headers["Cache-Control"] = "private, max-age=600"
        response.headers.setdefault("Cache-Control", "no-store")
        if breaks("no-no-store") or (breaks("no-no-store-api") and request.path == "/me"):
            response.headers["Cache-Control"] = "private"
        return response

    @app.get("/")
    def home() -> str:
        return "<!doctype html><title>Home</title><a href=/login>Sign in</a>"

    @app.get("/login")
    def login() -> Response:
        value = presented()
        adopts = breaks("adopts-value") or (breaks("adopts-shape") and len(value) == 43)
        if adopts and value and value not in g.here.sessions:
            g.here.sessions[value] = Known("", signed_in=False)
        elif value not in g.here.sessions:
            value = begin("", signed_in=False)
        response = make_response(LOGIN.format(token=g.here.sessions[value].token))
        if not breaks("token"):
            put_session(response, value)
        return response

    @app.post("/login")
    def sign_in() -> Answer:
        here: Here = g.here
        here.sign_ins += 1
        if breaks("locks") and here.sign_ins > 3:
            return make_response("Too many sign-ins", 429)
        if breaks("once-only") and here.sign_ins > 1:
            return make_response("This code has been used")
        person, old = request.form["name"], presented()
        adopts = breaks("adopts-value") or breaks("adopts-shape")
        if breaks("keeps-value") or (adopts and old in here.sessions):
            value = old
            here.sessions[value] = Known(person)
        else:
            value = begin(person)
            before = here.sessions.get(old)
            if breaks("old-value-works") and before:
                here.sessions[old] = here.sessions[value]
            elif before and not (breaks("keeps-first-session") and before.signed_in):
                for each in [each for each, other in here.sessions.items() if other is before]:
                    del here.sessions[each]
        if breaks("one-at-a-time"):
            for other in [each for each, known in here.sessions.items() if known.person == person and each != value]:
                del here.sessions[other]
        if breaks("token"):
            kept = json.dumps(value)
            where = "localStorage" if breaks("token-in-local-storage") else "sessionStorage"
            return make_response(f"<script>{where}.token = sessionStorage.token = {kept}; location = '/app'</script>")
        target = f"/account?session={quote(unquote(value))}" if breaks("value-in-url") else "/account"
        target = "/welcome" if breaks("redirect-with-data") or breaks("page-on-the-way") else target
        response: Any = redirect(target, 303)
        put_session(response, value)
        if breaks("either"):
            put(response, "also", value)
        if "remember" in request.form or breaks("always-remembers"):
            token = secrets.token_hex(4) if breaks("short-remember") else secrets.token_urlsafe(32)
            token = f"{person}-{'0' * 40}" if breaks("same-remember") else token
            age = REMEMBERED + (DAY if breaks("remembers-longer") else 0)
            here.remembered[token] = (person, time.time() + age)
            put(response, "remember", token, 7 * DAY if breaks("remember-cookie-of-a-week") else age)
            if breaks("remember-in-url"):
                response.location = f"/account?remembered={token}"
        if breaks("api-outlives-sign-out"):
            put(response, "api", signature("api", KEY))
        return response  # type: ignore[no-any-return]

    @app.get("/broken")
    def broken() -> Answer:
        return make_response("Something went wrong", 500)

    @app.get("/account")
    @app.get("/account/<file>")
    def account(file: str = "") -> Answer:
        if file and not breaks("taken-for-a-file"):
            return make_response("There is no such page", 404)
        if file and request.path in g.here.by_url:
            return make_response(g.here.by_url[request.path])
        if breaks("server-cache") and g.here.cached and "Cookie" not in request.headers:
            return make_response(g.here.cached)
        if breaks("cache-by-url") and request.full_path in g.here.by_url:
            return make_response(g.here.by_url[request.full_path])
        known = current()
        if breaks("private-for-all") and not known:
            known = Known("ada")
        if breaks("over-another-host") and not (known and known.signed_in):
            port = request.host.rpartition(":")[2]
            return redirect(f"https://provider.localhost:{port}/authorize?{urlencode({'for': request.host})}", 303)
        if not known or not known.signed_in:
            return redirect("/login", 303)
        if breaks("cache-for-signed-in") and known.person == "bob" and g.here.cached:
            return make_response(g.here.cached)
        more = f"<script>const session = {json.dumps(presented())}</script>" if breaks("value-in-page") else ""
        if breaks("value-in-attribute"):
            more += f'<i data-id="{unquote(presented()).replace("/", "&#x2F;")}"></i>'
        if breaks("remember-in-page"):
            more += f"<i hidden>{request.cookies.get(cookie('remember'), '')}</i>"
        if breaks("keeps-private-data"):
            more += "<script>localStorage.profile = 'Signed in as Ada'</script>"
        if breaks("api-outlives-sign-out"):
            more += f"<script>fetch('/orders').then({READ})</script>"
        if breaks("events"):
            more += "<script>new EventSource('/events')</script>"
        kept = {"keeps-profile": {"name": PEOPLE[known.person]}, "keeps-theme": {"colour": "dark", "page": "home"}}
        for name in [each for each in kept if breaks(each)]:
            more += f"<script>localStorage.kept = '{json.dumps(kept[name])}'</script>"
        if breaks("keeps-markup"):
            more += KEEPS_MARKUP
        if breaks("refreshes"):
            more += f"<script>fetch('/refresh', {{method: 'POST'}}).then({READ})</script>"
        if breaks("polls") or breaks("polls-elsewhere"):
            asked = "/me" if breaks("polls") else "/"
            more += f"<script>setInterval(() => fetch('{asked}').then({READ}), 60000)</script>"
        if breaks("http-link"):
            more += f'<img src="http://{request.host}/pixel.png">'
        if breaks("ends-newest-only"):  # each visit has a new value, and the old ones go on
            g.new_session = secrets.token_urlsafe(32)
            g.here.sessions[g.new_session] = known
        page = ACCOUNT.format(
            name=PEOPLE[known.person],
            person=known.person,
            colour=g.here.colours[known.person],
            token=known.token,
            out=next((way for name, way in WAYS.items() if breaks(name)), OUT).format(token=known.token),
            more=more,
        )
        g.here.cached = g.here.by_url[request.full_path] = g.here.by_url[request.path] = page
        return make_response(page)

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Answer:
        """The identity provider's form, which leads back with a code that is good for once."""
        if request.method == "GET":
            return make_response(LOGIN.format(token=""))
        asker = request.args["for"]
        code = secrets.token_urlsafe(8)
        hosts[asker.partition(":")[0]].codes[code] = request.form["name"]
        response: Any = redirect(f"https://{asker}/callback?code={code}", 303)
        response.set_cookie("__Host-id", "the provider's own")  # with no attribute that a session's needs
        return response  # type: ignore[no-any-return]

    @app.get("/callback")
    def callback() -> Answer:
        person = g.here.codes.pop(request.args.get("code", ""), "")
        response: Any = redirect("/account", 303)
        if person:
            put_session(response, begin(person))
        return response  # type: ignore[no-any-return]

    @app.get("/letters/<person>")
    def letters(person: str) -> Answer:
        known = current()
        if not known or not known.signed_in:
            return redirect("/login", 303)
        if person != known.person and not breaks("letters-of-anyone"):
            return make_response(f"No letters of {person} here", 404)
        return make_response(f"<!doctype html><title>Letters</title><p>Dear {PEOPLE[person]}, how are you?</p>")

    @app.get("/app")
    def single_page() -> str:
        return DRAWN

    @app.get("/me")
    def me() -> Response:
        known = current()
        anew = {}
        if known and known.signed_in and (breaks("slides") or breaks("used-up")):
            anew["token"] = secrets.token_urlsafe(32)
            g.here.sessions[anew["token"]] = known
            if breaks("used-up"):
                del g.here.sessions[presented()]
        return jsonify(name=PEOPLE[known.person] if known and known.signed_in else None, **anew)

    @app.get("/orders")
    def orders() -> Answer:
        """An API that knows who asks by a cookie of its own, which no sign-out ends."""
        known = hmac.compare_digest(request.cookies.get(cookie("api"), ""), signature("api", KEY))
        return make_response("a book" if known else "Nobody is signed in", 200 if known else 401)

    @app.get("/events")
    def events() -> Answer:
        if not (known := current()) or not known.signed_in:
            return make_response("Nobody is signed in", 401)

        def endless() -> Iterator[str]:
            while True:
                yield "data: a letter\n\n"
                time.sleep(1)

        return Response(endless(), mimetype="text/event-stream")

    @app.route("/logout", methods=["GET", "POST"])
    def sign_out() -> Answer:
        here: Here = g.here
        known = here.sessions.get(presented())
        checks = request.method == "POST" and not breaks("csrf") and not breaks("token") and not breaks("open-way-out")
        if checks and (not known or request.form.get("token") != known.token):
            return make_response("The form is too old", 400)
        if request.method == "GET" and breaks("asks-before"):
            return make_response(f"Really? {OUT.format(token=known.token if known else '')}")
        if request.method == "GET" and not breaks("get-sign-out"):
            return make_response("Use the form", 405)
        if breaks("sign-out-does-nothing") or (breaks("open-way-out") and not known):
            return redirect("/", 303)
        if not breaks("sign-out-by-cookie") and known:
            values = [each for each, other in here.sessions.items() if other is known]
            for each in [presented()] if breaks("ends-newest-only") else values:
                del here.sessions[each]
        response: Any = redirect("/", 303)
        response.delete_cookie(cookie("id"), secure=not breaks("no-prefix"))
        response.delete_cookie(cookie("also"), secure=not breaks("no-prefix"))
        if not breaks("remember-survives"):
            here.remembered.pop(request.cookies.get(cookie("remember"), ""), None)
            response.delete_cookie(cookie("remember"), secure=not breaks("no-prefix"))
        return response  # type: ignore[no-any-return]

    @app.route("/change", methods=["GET", "POST"])
    def change() -> Answer:
        known = current()
        if not known or not known.signed_in:
            return redirect("/login", 303)
        if request.method == "GET" and not breaks("change-by-get"):
            return make_response("Use the form", 405)
        fields = request.values.to_dict()
        if breaks("json-of-any-type") and request.get_data().startswith(b"{"):
            fields = {**request.get_json(force=True), "token": known.token}
        if breaks("plain-text") and request.mimetype == "text/plain":
            fields = dict(line.split("=", 1) for line in request.get_data(as_text=True).splitlines())
            fields["token"] = known.token
        taken = [other.token for other in g.here.sessions.values()] if breaks("any-token") else [known.token]
        own = (request.host_url.rstrip("/"), *(["null"] if breaks("null-origin") else []))
        by_referer = not request.referrer or request.referrer.startswith(own[0])
        by_origin = request.headers.get("Origin") in own and breaks("null-origin")
        begins = request.headers.get("Origin", "").startswith(f"https://{request.host.partition(':')[0]}")
        by_origin = by_origin or (begins and breaks("origin-begins-alike"))
        accepted_so = breaks("csrf") or by_origin or (by_referer and breaks("no-referer"))
        if not accepted_so and request.method == "POST" and fields.get("token") not in taken:
            if breaks("ends-at-a-forged-form"):
                g.here.sessions.pop(presented(), None)
            return make_response("The form is too old", 400)
        g.here.colours[known.person] = fields.get("colour", "green")
        return redirect("/account", 303)

    @app.post("/refresh")
    def refresh() -> str:
        """Begins the session's time anew, at the wish of a script."""
        if known := current():
            known.began = time.time()
        return "refreshed"

    @app.get("/welcome")
    def welcome() -> Answer:
        known = current()
        if not known or not known.signed_in:
            return redirect("/login", 303)
        response: Any = redirect("/account", 302)
        response.set_data(f"Signed in as {PEOPLE[known.person]}, whose number is 4711")
        if breaks("page-on-the-way"):
            response = make_response("<!doctype html><script>location = '/account'</script>Your number is 4711")
        response.headers["Cache-Control"] = "max-age=60"
        return response  # type: ignore[no-any-return]

    @app.post("/reset")
    def reset() -> Answer:
        """Begins a password reset, by a code that is still to come by mail."""
        response = make_response("A code is on its way")
        if breaks("reset-signs-in"):
            put_session(response, begin("ada"))
        return response

    @app.post("/password")
    def password() -> Answer:
        here, known = g.here, current()
        if not known or request.form.get("token") != known.token:
            return make_response("The form is too old", 400)
        if not breaks("password-keeps-sessions"):
            others = [each for each, other in here.sessions.items() if other is not known]
            mine = [each for each in others if here.sessions[each].person == known.person]
            for each in mine[-1:] if breaks("password-ends-newest") else mine:
                del here.sessions[each]
            if not breaks("password-keeps-remember"):
                here.remembered.clear()
        return redirect("/account", 303)

    return app


class PathParameters:
    """Takes ``;jsessionid=…`` from the path, as a container of Java servlets does before it looks for the page."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, _, parameter = environ["PATH_INFO"].partition(";jsessionid=")
        return self._app({**environ, "PATH_INFO": path, "audited.parameter": parameter}, start_response)


def token(person: str, value: str, age: int) -> str:
    """A JWT, whose identity is ``value``; one of age 0 has no end."""
    claims = {"sub": person, "jti": value} | ({"exp": int(time.time()) + age} if age else {})
    head = encoded({"alg": "HS256", "typ": "JWT"})
    return f"{head}.{encoded(claims)}.{signature(f'{head}.{encoded(claims)}', KEY)}"


def accepted(value: str, breaks: set[str]) -> str:
    """Who is signed in by a JWT that the site does not know, for it verifies it wrong; or an empty text."""
    if value.count(".") != 2:
        return ""
    signed, _, given = value.rpartition(".")
    try:
        head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in signed.split("."))
    except ValueError:
        return ""
    own = base64.urlsafe_b64decode(head.get("jwk", {}).get("k", "") + "==")
    right = (
        "unverified" in breaks
        or ("empty-signature" in breaks and not given)
        or ("empty-key" in breaks and signature(signed, b"") == given)
        or ("begins-alike" in breaks and signature(signed, KEY)[:8] == given[:8])
        or ("ends-alike" in breaks and signature(signed, KEY)[-8:] == given[-8:])
        or ("none" in breaks and head["alg"].lower() == "none")
        or ("own-key" in breaks and own and signature(signed, own) == given)
    )
    return str(claims["sub"]) if right else ""


def signature(text: str, key: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode().rstrip("=")


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
