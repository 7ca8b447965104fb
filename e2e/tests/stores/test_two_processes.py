"""Two processes of the shop behind one port serve a visitor as one does"""

import itertools
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from cookieproof.errors import wait_until
from tests.support.shop import cart, press, sign_in, who
from tests.support.stores import ENDS_WITH_US, Store

SECONDS = 30.0
ASK = """([path, options, turn]) => {
  const headers = {...options.headers, "X-Turn": turn};
  const ask = async () => (await fetch(path, {cache: "no-store", ...options, headers})).status;
  window.answers = Promise.all(Array.from({length: 6}, ask));
}"""
Serve = Callable[..., "Gunicorn"]


class Gunicorn:
    """An app that gunicorn serves, by two processes, on a loopback port of its own."""

    def __init__(self, app: str, folder: Path, env: dict[str, str]) -> None:
        self._log, self._turns = folder / "gunicorn.log", itertools.count(1)
        with socket.create_server(("127.0.0.1", 0)) as listening, self._log.open("wb") as log:
            self.url = f"http://localhost:{listening.getsockname()[1]}"
            options = ["--workers=2", "--threads=4", f"--bind=fd://{listening.fileno()}", "--pythonpath=site,e2e"]
            options += [
                "--access-logfile=-",
                "--access-logformat=answered by %(p)s in turn %({x-turn}i)s.",
                "--keep-alive=0",
            ]
            # A connection that the browser opened ahead of need holds a thread up, and with it the worker's end.
            options += ["--graceful-timeout=1"]
            command = [*ENDS_WITH_US, sys.executable, "-m", "gunicorn", *options, app]
            self._process = subprocess.Popen(command, env=env, stdout=log, stderr=log, pass_fds=[listening.fileno()])
        try:
            wait_until(self._is_there, "gunicorn to start two processes", SECONDS)
        except BaseException:
            self.end()
            raise

    def _is_there(self) -> bool:
        said = self._log.read_text()
        assert self._process.poll() is None, said
        return said.count("Booting worker with pid") == 2

    def ask_each(self, page: Page, path: str, **options: object) -> list[int]:
        """Have the page fetch the path six times from each process, and return the statuses.

        One process is stopped meanwhile. A connection that the browser has opened ahead of need
        may be its own: what is asked there is answered when it goes on.
        """
        statuses = []
        processes = re.findall(r"Booting worker with pid: (\d+)", self._log.read_text())
        for stopped, other in (processes, processes[::-1]):
            turn = str(next(self._turns))  # by which it is known what an answer is to: its line may come late
            os.kill(int(stopped), signal.SIGSTOP)
            try:
                page.evaluate(ASK, [path, options, turn])
                wait_until(partial(self._has_answered, other, turn), "an answer", SECONDS)
            finally:
                os.kill(int(stopped), signal.SIGCONT)
            statuses += page.evaluate("window.answers")
        return statuses

    def _has_answered(self, process: str, turn: str) -> bool:
        return f"answered by <{process}> in turn {turn}." in self._log.read_text()

    def end(self) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(SECONDS)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(app: str, **env: str) -> Gunicorn:
            served = Gunicorn(app, tmp_path, {**os.environ, **env})
            stack.callback(served.end)
            return served

        yield start


def lose_nothing(page: Page, shop: Gunicorn) -> None:
    """Whoever signs in at one process is signed in at the other, and so is what they put into their cart."""
    sign_in(page, "Ada", at=shop.url)
    press(page, "Add apples", at=shop.url)
    token = page.locator("#apples [name=csrf_token]").first.input_value()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    added = shop.ask_each(page, "/cart/add", method="POST", body=f"item=apples&csrf_token={token}", headers=form)
    assert set(added) == {200}  # a process that does not know the session refuses the form
    assert who(page, at=shop.url) == "Ada"
    assert cart(page, at=shop.url) == {"apples": 1 + len(added)}


SHOP = "shop:create_app()"


def test_with_the_same_key(page: Page, serve: Serve, tmp_path: Path) -> None:
    lose_nothing(page, serve(SHOP, FLASK_SECRET_KEY="for both", FLASK_DATABASE=str(tmp_path / "shop.sqlite")))


def test_with_the_same_store(page: Page, serve: Serve, store: Store, tmp_path: Path) -> None:
    env = {"FLASK_SECRET_KEY": "for both", "FLASK_DATABASE": str(tmp_path / "shop.sqlite")}
    lose_nothing(page, serve(SHOP, FLASK_SESSION_STORE=store.url, **env))


def test_with_the_articles_key_of_each_process_a_visitor_is_thrown_out_at_random(page: Page, serve: Serve) -> None:
    article = serve("tests.apps.article:create_app()")
    page.goto(article.url + "/set_session")
    assert set(article.ask_each(page, "/get_session")) == {200, 500}  # whichever of the two answers
