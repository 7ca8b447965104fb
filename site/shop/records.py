"""What the shop keeps on the server: the carts, and which sign-ins have ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from flask import Flask, current_app

# Statements that two tabs, or two server processes, may run at once without losing anything.
SCHEMA = """
CREATE TABLE IF NOT EXISTS cart (id TEXT, item TEXT, count INTEGER NOT NULL, PRIMARY KEY (id, item));
CREATE TABLE IF NOT EXISTS ended (sign_in TEXT PRIMARY KEY, until REAL NOT NULL);
"""


def init_app(app: Flask) -> None:
    """Make the database, unless it is there: ``DATABASE``, or ``shop.sqlite`` in Flask's instance folder."""
    app.config["DATABASE"] = app.config.get("DATABASE") or str(Path(app.instance_path) / "shop.sqlite")
    Path(app.config["DATABASE"]).parent.mkdir(parents=True, exist_ok=True)
    with app.app_context(), database() as connection:
        connection.executescript(SCHEMA)


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """A connection for one piece of work, which is done whole or not at all."""
    with closing(sqlite3.connect(current_app.config["DATABASE"], timeout=20)) as connection, connection:
        yield connection
