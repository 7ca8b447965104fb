"""An app is found where it is spelled as `flask --app` spells it, whatever framework it is of"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click import ClickException
from flask import Flask

from cookieproof.site.loading import load
from selftests.support.project import Project

Load = Callable[..., Any]

OTHERS = """
class Other:
    def __init__(self, name="other"):
        self.name = name
    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"not Flask"]
"""
FACTORY = """
made = []
def create_app(name="made"):
    made.append(name)
    return Other(name)
"""


@pytest.fixture
def load_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """``load_from(text, spelled)`` is what ``load`` finds in a module ``its_app`` of this text."""
    monkeypatch.setattr(sys, "path", [*sys.path])

    def found(text: str, spelled: str = ":application") -> Any:
        monkeypatch.delitem(sys.modules, "its_app", raising=False)
        (tmp_path / "its_app.py").write_text(text)
        return load(f"{tmp_path}/its_app.py{spelled}")

    return found


@pytest.mark.parametrize(
    ("text", "spelled", "name"),
    [
        ("application = Other()", ":application", "other"),
        ("application = Other()", "", "other"),
        ("app = Other()", "", "other"),
        (FACTORY, ":create_app", "made"),
        (FACTORY, "", "made"),
        (FACTORY, ":create_app('given')", "given"),
        (FACTORY, ":create_app(name='given')", "given"),
    ],
)
def test_what_is_callable_is_found(load_from: Load, text: str, spelled: str, name: str) -> None:
    app = load_from(OTHERS + text, spelled)
    assert type(app).__name__ == "Other" and app.name == name


def test_a_factory_is_called_once(load_from: Load) -> None:
    load_from(OTHERS + FACTORY, ":create_app")
    assert sys.modules["its_app"].made == ["made"]


def test_a_function_that_is_an_app_is_no_factory(load_from: Load) -> None:
    app = load_from("def application(environ, start_response): raise RuntimeError", ":application")
    assert app is sys.modules["its_app"].application


@pytest.mark.parametrize("spelled", ["", ":app", ":create_app", ":create_app()"])
def test_flasks_apps_are_found_as_flask_finds_them(load_from: Load, spelled: str) -> None:
    text = "import flask\napp = flask.Flask('one')\ndef create_app(): return app\napplication = lambda: 0"
    assert isinstance(load_from(text, spelled), Flask)


@pytest.mark.parametrize(
    ("text", "spelled", "said"),
    [
        ("", ":application", "Failed to find attribute 'application' in 'its_app'."),
        ("application = 3", ":application", "A valid Flask application was not obtained from 'its_app:application'."),
        ("class application: pass", ":application", "A valid Flask application was not obtained from"),
        ("def create_app(): return 3", ":create_app", "'create_app' in 'its_app' made 3, which is no WSGI callable."),
        ("def create_app(name): ...", ":create_app", "The factory 'create_app' in module 'its_app' could not be"),
        ("def create_app(name): ...", "", "Detected factory 'create_app' in module 'its_app', but could not call it"),
        ("", ":create_app(1 +)", "Failed to parse 'create_app(1 +)' as an attribute name or function call."),
        ("def create_app(name): ...", ":create_app(name)", "Failed to parse arguments as literal values:"),
        ("import nothing_there", ":app", "While importing 'its_app', an ImportError was raised:"),
        (
            "async def app(scope, receive, send): ...",
            ":app",
            "'app' in 'its_app' is an ASGI app, which a command serves: "
            '"uvicorn --host 127.0.0.1 --port {port} its_app:app".',
        ),
        (
            "class A:\n    async def __call__(self, scope, receive, send): ...\napp = A()",
            "",
            "'app' in 'its_app' is an ASGI app, which a command serves: ",
        ),
    ],
)
def test_what_is_no_app_is_a_sentence(load_from: Load, text: str, spelled: str, said: str) -> None:
    with pytest.raises(ClickException) as refused:
        load_from(text, spelled)
    assert refused.value.format_message().startswith(said)


def test_flasks_configuration_is_refused_for_what_is_not_flasks(project: Project) -> None:
    (project.folder / "others.py").write_text(OTHERS + "application = Other()\n")
    project.test("import pytest\n\n@pytest.mark.site(DEBUG=True)\ndef test_configured(site):\n    pass\n")
    ran = project.run("--site", "others:application")
    ran.assert_outcomes(errors=1)
    assert (
        "Error: 'others:application' is no Flask app, and is given DEBUG, Flask's configuration: give it environment "
        "variables by env."
    ) in ran.output
