"""Where sessions are kept: ``SESSION_STORE`` is empty, for Flask's signed cookie, or the URL of a store.

``file:///var/lib/shop/sessions`` is a folder, ``sqlite:////var/lib/shop/sessions.sqlite`` a
database (any one, as SQLAlchemy spells it), ``redis://localhost:6379/0`` a Redis, and
``redis+cluster://localhost:7000`` a Redis Cluster, by any of its nodes. A store needs
Flask-Session, and the cookie needs nothing. No page knows which it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from click import UsageError
from flask import Flask, current_app

from shop import keys
from shop.in_the_cookie import InTheCookie

if TYPE_CHECKING:
    from shop.on_the_server import OnTheServer

Failures = tuple[type[Exception], ...]
SECONDS = 2  # how long one try waits for a Redis that does not answer


def sessions() -> InTheCookie | OnTheServer:
    """What keeps the sessions of the present app."""
    return cast("InTheCookie | OnTheServer", current_app.session_interface)


def init_app(app: Flask) -> None:
    """Have the app keep its sessions where ``SESSION_STORE`` says. Raises ``UsageError`` if it cannot."""
    if not app.config["SESSION_STORE"]:
        app.session_interface = InTheCookie()
        keys.init_app(app)
        return
    try:
        _keep_on_the_server(app)
    except ImportError as error:
        raise UsageError(f"SESSION_STORE needs the package {error.name}, which is not installed.") from error
    except Exception as error:  # whatever a store says that cannot be had
        raise UsageError(
            f"SESSION_STORE cannot be had, and the shop does not start without it: {type(error).__name__}: {error}"
        ) from error


def _keep_on_the_server(app: Flask) -> None:
    from shop.on_the_server import OnTheServer

    kind, _, place = app.config["SESSION_STORE"].partition(":")
    configure = {"file": _files, "redis": _redis, "rediss": _redis, "redis+cluster": _cluster}.get(kind, _database)
    failures = configure(app, kind, place)
    _have_flask_session(app)
    store: Any = app.session_interface
    if "SESSION_CLUSTER" in app.config:
        # Flask-Session takes no RedisCluster, and would ask localhost instead (its pull request 263).
        store.client = app.config["SESSION_CLUSTER"]
    OnTheServer(store, failures).init_app(app)


def _have_flask_session(app: Flask) -> None:
    """Let Flask-Session make its interface, and in a database its table.

    It looks for the table before it makes one: of several processes that start at once on an empty
    database, all may find none, and all but one are then refused by the database (of any kind). The
    one that is refused looks again, and finds the table. What is wrong otherwise is so again.
    """
    from flask_session import Session

    try:
        Session(app)
    except Exception:
        if not (database := app.config.get("SESSION_SQLALCHEMY")):
            raise
        database.Model.registry.dispose()  # its model, which it is to declare anew
        database.metadata.clear()
        Session(app)


def _files(app: Flask, kind: str, place: str) -> Failures:
    from shop.files import Files

    app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=Files(unquote(urlsplit(place).path)))
    return (OSError,)


def _database(app: Flask, kind: str, place: str) -> Failures:
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy.exc import SQLAlchemyError

    app.config["SQLALCHEMY_DATABASE_URI"] = f"{kind}:{place}"
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", {"pool_pre_ping": True})  # one that has restarted is found again
    app.config.update(SESSION_TYPE="sqlalchemy", SESSION_SQLALCHEMY=SQLAlchemy(app))
    return (SQLAlchemyError,)


def _redis(app: Flask, kind: str, place: str) -> Failures:
    from redis import Redis, RedisError

    app.config.update(SESSION_TYPE="redis", SESSION_REDIS=Redis.from_url(f"{kind}:{place}", **_patience()))
    return (RedisError,)


def _cluster(app: Flask, kind: str, place: str) -> Failures:
    from redis import RedisCluster
    from redis.exceptions import RedisClusterException

    app.config["SESSION_CLUSTER"] = RedisCluster.from_url(f"redis:{place}", **_patience())
    return (*_redis(app, "redis", place), RedisClusterException)


def _patience() -> dict[str, Any]:
    """One more try, at once, for a connection that ended while nobody used it."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS, "retry": Retry(NoBackoff(), 1)}
