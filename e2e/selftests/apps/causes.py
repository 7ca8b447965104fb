"""Pages that end a cookie, each in its own way."""

from __future__ import annotations

from flask import Flask, Response, make_response, request


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/set")
    def set_it() -> Response:
        """Sets ``name`` for an hour, with the attributes ``like``."""
        response = make_response("set")
        like = request.args.get("like", "")
        response.headers["Set-Cookie"] = f"{request.args['name']}=1; Path=/; Max-Age=3600{like}"
        return response

    @app.get("/<how>/<name>")
    def end_it(how: str, name: str) -> Response:
        response = make_response("a page")
        if how == "script":
            response = make_response(f"<script>document.cookie = '{name}=; Path=/; Max-Age=0'</script>")
        elif how == "clear":
            response.headers["Clear-Site-Data"] = '"cookies"'
        elif how == "evict":
            for number in range(200):
                response.headers.add("Set-Cookie", f"c{number}=1; Path=/")
        elif how != "nothing":
            age = {"delete": "; Max-Age=0", "drop": "", "shorten": "; Max-Age=60"}[how]
            response.headers["Set-Cookie"] = f"{name}=1; Path=/{age}"
        return response

    return app
