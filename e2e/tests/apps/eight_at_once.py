"""Starts eight processes of the shop at one moment and on nothing, for each store that is made at start.

``python eight_at_once.py FOLDER`` prints as JSON what became of each: "serves", or the failure.
It is a script, since the process that runs the tests has threads, and so may not fork.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import flask_sqlalchemy  # noqa: F401  # once, and not in each of the eight
from sqlalchemy import Engine, event

from shop import create_app

PROCESSES, SECONDS = 8, 60.0
STORES = {"cookie": "", "file": "file://{}/files/sessions", "sql": "sqlite:///{}/sessions.sqlite"}
# Where a process waits for the others, once: all have then looked for what is to be made, and found nothing.
FOLDER, DATABASE, TABLE = "os.mkdir", "sqlite3.connect", "CREATE TABLE"
MEETINGS = {"cookie": [FOLDER, DATABASE], "file": [FOLDER], "sql": [DATABASE, TABLE]}
ahead: dict[str, Barrier] = {}  # of this process


def meet(barriers: dict[str, Barrier]) -> None:
    """Have this process wait for the others at each of the barriers, when it first comes there."""
    ahead.update(barriers)

    def arrive(where: str, *_: object) -> None:
        if barrier := ahead.pop(where, None):
            barrier.wait(SECONDS)

    def execute(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        arrive(statement.strip()[: len(TABLE)])

    sys.addaudithook(arrive)
    event.listen(Engine, "before_cursor_execute", execute)


def serve(store: str, folder: str) -> str:
    """Start the shop, and put apples into a cart."""
    config = {"SECRET_KEY": "only for tests", "WTF_CSRF_ENABLED": False, "SESSION_STORE": store.format(folder)}
    try:
        app = create_app({**config, "DATABASE": f"{folder}/of/the/shop.sqlite"})
        status = app.test_client().post("/cart/add", data={"item": "apples"}).status_code
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if ahead:
        return f"never came to {', '.join(ahead)}"
    return "serves" if status == 302 else f"answers {status}"


def main(folder: Path) -> None:
    fork, outcomes = multiprocessing.get_context("fork"), {}
    for name, store in STORES.items():
        own = folder / name
        own.mkdir()
        barriers = {where: fork.Barrier(PROCESSES) for where in MEETINGS[name]}
        with fork.Pool(PROCESSES, meet, [barriers]) as pool:
            outcomes[name] = pool.starmap(serve, [(store, str(own))] * PROCESSES, chunksize=1)
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
