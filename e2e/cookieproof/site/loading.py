"""Finds the app to serve: a Flask app, or any other WSGI callable, spelled as ``flask --app`` spells it."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask.cli import NoAppException, ScriptInfo, prepare_import
from flask.helpers import get_debug_flag

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# The names of apps and factories that Flask looks for in a module.
APP_NAMES = ("app", "application", "create_app", "make_app")


def load(spelled: str) -> WSGIApplication:
    """Return the app that ``spelled`` names: ``module:app``, ``path/to/module.py:create_app('name')`` or ``module``.

    Raises Flask's ``NoAppException`` with a sentence if there is no app.
    """
    path, _, name = re.split(r"(:(?![\\/])|$)", spelled, maxsplit=1)
    module: ModuleType | None = None
    with contextlib.suppress(ImportError):  # of which Flask tells more
        module = importlib.import_module(prepare_import(path))
    app = _found(module, name) if module else None
    return ScriptInfo(spelled).load_app() if app is None else app


def _found(module: ModuleType, name: str) -> WSGIApplication | None:
    """Return the app of a module; None if Flask is to look for it, or to explain why there is none."""
    if name:
        return _named(module, name)
    if any(isinstance(each, Flask) for each in vars(module).values()):
        return None
    return next(
        (app for each in APP_NAMES if hasattr(module, each) and (app := _named(module, each)) is not None), None
    )


def _named(module: ModuleType, name: str) -> WSGIApplication | None:
    app, call = _read(module, name)
    if inspect.isfunction(app) and not _is_an_app(app):
        if not call or not _takes(app, *call):
            return None
        arguments, keywords = call
        app = app(*arguments, **keywords)
        if not callable(app):
            raise NoAppException(f"{name!r} in {module.__name__!r} made {app!r}, which is no WSGI callable.")
    if not callable(app) or inspect.isclass(app):
        return None
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__):
        raise NoAppException(
            f"{name!r} in {module.__name__!r} is an ASGI app, which a command serves: "
            f'"uvicorn --host 127.0.0.1 --port {{port}} {module.__name__}:{name}".'
        )
    if isinstance(app, Flask):
        app.debug = get_debug_flag()  # as under `flask --app`
    return cast("WSGIApplication", app)


def _read(module: ModuleType, name: str) -> tuple[Any, tuple[list[Any], dict[str, Any]] | None]:
    """Return the object of this name and the arguments to call it with; (None, None) if Flask refuses the spelling."""
    with contextlib.suppress(SyntaxError, ValueError):
        spelled = ast.parse(name.strip(), mode="eval").body
        function = spelled.func if isinstance(spelled, ast.Call) else spelled
        if isinstance(function, ast.Name):
            given = spelled if isinstance(spelled, ast.Call) else ast.Call(function, [], [])
            arguments = [ast.literal_eval(each) for each in given.args]
            keywords = {each.arg: ast.literal_eval(each.value) for each in given.keywords if each.arg}
            return getattr(module, function.id, None), (arguments, keywords)
    return None, None


def _takes(function: Callable[..., Any], arguments: list[Any], keywords: dict[str, Any]) -> bool:
    with contextlib.suppress(TypeError):
        inspect.signature(function).bind(*arguments, **keywords)
        return True
    return False


def _is_an_app(function: Callable[..., Any]) -> bool:
    """Return whether a function is an app, no factory: a coroutine (ASGI), or ``start_response`` second (PEP 3333)."""
    return inspect.iscoroutinefunction(function) or [*inspect.signature(function).parameters][1:2] == ["start_response"]
