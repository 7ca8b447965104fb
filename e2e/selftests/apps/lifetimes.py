"""Cookies of any name and age, for promises that are kept and for every way to break one."""

from __future__ import annotations

from flask import Flask, make_response, request
from flask.wrappers import Response


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    @app.get("/area/")
    def home() -> Response:
        response = make_response(f"home, with {', '.join(request.cookies) or 'no cookies'}")
        if "sliding" in request.cookies:
            response.set_cookie("sliding", "again", max_age=3600)
        return response

    @app.get("/set/<name>")
    def set_cookie(name: str) -> Response:
        response = make_response(f"<title>{name}</title>")
        for each in name.split("+"):
            age, path, same_site = (request.args.get(key) for key in ("age", "path", "samesite"))
            response.set_cookie(each, "1", max_age=int(age) if age else None, path=path or "/", samesite=same_site)
        return response

    @app.get("/header")
    def header() -> Response:
        response = make_response("as it is")
        response.headers.add("Set-Cookie", request.args["set"])
        return response

    @app.get("/delete/<name>")
    def delete_cookie(name: str) -> Response:
        response = make_response("deleted")
        response.delete_cookie(name, path=request.args.get("path", "/"))
        return response

    @app.get("/script/<name>")
    def script(name: str) -> str:
        return f"<script>document.cookie = '{name}=1; Max-Age=3600; Path=/'</script>"

    return app
