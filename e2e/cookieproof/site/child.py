"""Runs in the process that serves an app: loads the app, writes facts about it to a file, and serves it.

``app_process.py`` starts it with a pickled ``Job`` on standard input, which then stays open: this process ends when
the parent closes standard input, or ends.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from click import ClickException
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from cookieproof.site.connections import serve
from cookieproof.site.job import Job
from cookieproof.site.loading import load
from cookieproof.site.middleware import HarnessMiddleware

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import WSGIApplication


def flask_variables(config: Mapping[str, Any]) -> dict[str, str]:
    """Return ``config`` as FLASK_* environment variables, for factories that read them (from_prefixed_env).

    A value that is no JSON is left out.
    """
    variables = {}
    for key, value in config.items():
        with contextlib.suppress(TypeError):  # the rest reaches app.config as it is, after the factory
            spelled = json.dumps(value)
            variables[f"FLASK_{key}"] = value if isinstance(value, str) and not _is_json(value) else spelled
    return variables


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def end_with_parent() -> None:
    """Block until the parent closes standard input, or ends; then kill this process group."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Read the ``Job`` from standard input, and serve its app until SIGTERM."""
    job: Job = pickle.load(sys.stdin.buffer)
    threading.Thread(target=end_with_parent, daemon=True).start()
    config: dict[str, Any] = pickle.loads(job.config)
    os.environ.update(flask_variables(config))
    try:
        app = load(job.app)
    except ClickException as error:
        sys.exit(f"Error: {error.format_message()}")
    except Exception as error:
        traceback.print_exception(error.with_traceback(_from_the_app_on(error.__traceback__)))
        sys.exit(1)
    if isinstance(app, Flask):
        app.config.update(config)
    elif config:
        sys.exit(
            f"Error: {job.app!r} is no Flask app, and is given {', '.join(config)}, Flask's configuration: give it "
            "environment variables by env."
        )
    job.app_info.write_text(json.dumps(_app_info(app)))
    # As Flask's documents have it behind nginx ("Tell Flask it is Behind a Proxy").
    trusting = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_port=1) if job.trusts_proxy else app
    serve(HarnessMiddleware(trusting, job.token), job.listener)
    # Not sys.exit: it would wait for threads of the app, and one that never ends would block each restart.
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _from_the_app_on(frames: TracebackType | None) -> TracebackType | None:
    """Return the traceback without the frames of the harness and of importing, which come before the app's."""
    while frames and frames.tb_frame.f_globals["__name__"].partition(".")[0] in ("cookieproof", "flask", "importlib"):
        frames = frames.tb_next
    return frames


def _app_info(app: WSGIApplication) -> dict[str, Any]:
    """Return the fields of ``app_info.AppInfo`` for the app; empty ones if it is no Flask app."""
    if not isinstance(app, Flask):
        return {"session_cookie": "", "secret_key": None, "trusted_hosts": [], "pages": []}
    trusted = app.config.get("TRUSTED_HOSTS") or []
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return {
        "session_cookie": app.config["SESSION_COOKIE_NAME"],
        "secret_key": app.secret_key and hashlib.sha256(repr(app.secret_key).encode()).hexdigest(),
        "trusted_hosts": [trusted] if isinstance(trusted, str) else list(trusted),
        "pages": sorted({rule.rule for rule in rules}),
    }
