"""Sets and deletes cookies as the query says, in every wrong way that there is."""

from __future__ import annotations

from flask import Flask, Response, make_response, request


def set_cookie_header(query: dict[str, str], value: str) -> str:
    """A Set-Cookie header in plain text: Flask would refuse to spell some of the mistakes."""
    parts = [f"{query['name']}={value}", f"Path={query.get('path', '/')}"]
    for key, attribute in (("domain", "Domain"), ("same_site", "SameSite"), ("max_age", "Max-Age")):
        if key in query:
            parts.append(f"{attribute}={query[key]}")
    for key, attribute in (("secure", "Secure"), ("partitioned", "Partitioned")):
        if key in query:
            parts.append(attribute)
    return "; ".join(parts)


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def home() -> str:
        return "home"

    @app.get("/set")
    def set_one() -> Response:
        response = make_response("set")
        response.headers.add("Set-Cookie", set_cookie_header(request.args.to_dict(), "1"))
        return response

    @app.get("/delete")
    def delete() -> Response:
        query = request.args.to_dict()
        response = make_response("deleted")
        if "forgets_to_expire" not in query:
            query["max_age"] = "0"
        response.headers.add("Set-Cookie", set_cookie_header(query, ""))
        if "sets_it_again" in query:
            response.headers.add("Set-Cookie", f"{query['name']}=again; Path=/")
        return response

    @app.get("/from_another_site")
    def from_another_site() -> str:
        return f"<script>fetch({request.args['to']!r}, {{mode: 'no-cors', credentials: 'include'}})</script>"

    return app
