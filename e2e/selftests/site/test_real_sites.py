"""What people deploy keeps its promises, whatever it is written in and whatever serves it"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from cookieproof import (
    WITH_THE_BROWSER,
    Clock,
    CookieproofError,
    Lifetime,
    NewVisitor,
    Site,
    Visitor,
    expect_cookie,
    prove_lifetimes,
)
from selftests.support.project import Project

APPS = "e2e/selftests/apps/real"
WEEK, SECOND = timedelta(days=7), timedelta(seconds=1)
A_VISIT = timedelta(seconds=10)  # real time goes on while one is made: before an edge it needs room
SIGNED_IN, SIGNED_OUT = "Signed in as Ada", "Signed out"


def command(text: str) -> pytest.MarkDecorator:
    return pytest.mark.site(command=text, cwd=APPS, env={"DATABASE": "{tmp}/sessions.sqlite"})


# Each has the same pages. To add one, write its file in apps/real and name it here.
SITES = {
    "Django": pytest.mark.site("../apps/real/django_site.py:application"),
    "Django under gunicorn": command("gunicorn --workers 2 --bind 127.0.0.1:{port} django_site:application"),
    "FastAPI under uvicorn": command("python -m uvicorn --host 127.0.0.1 --port {port} fastapi_site:app"),
    "Flask under waitress": command("waitress-serve --listen 127.0.0.1:{port} --call flask_site:create_app"),
    "Node": command("node node_site.js {port}"),
}


@pytest.fixture(scope="session")
def on_the_path(frameworks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The frameworks are on the path of each site that starts; what our child serves has its database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(frameworks), prepend=os.pathsep)
        patch.setenv("PATH", str(frameworks / "bin"), prepend=os.pathsep)
        patch.setenv("DATABASE", str(tmp_path_factory.mktemp("real") / "sessions.sqlite"))
        yield


@pytest.fixture(params=[pytest.param(name, marks=mark) for name, mark in SITES.items()])
def real_site(request: pytest.FixtureRequest, on_the_path: None, missing: Callable[[str, str], NoReturn]) -> str:
    """The name of one of ``SITES``, which is the test's site."""
    if request.param == "Node" and not shutil.which("node"):
        missing("node", "There is no node: install Node.js.")
    return str(request.param)


def shown(visitor: Visitor) -> str:
    return visitor.goto("/").text()


def test_promises_are_kept_and_broken_ones_are_caught(
    real_site: str, visitor: Visitor, site: Site, clock: Clock
) -> None:
    session = expect_cookie(visitor, "session")
    visitor.goto("/sign-in?remember=yes")
    session.to_expire_in(WEEK)
    ends = visitor.stored["session"].expires
    assert ends
    site.restart()
    clock.travel_to(ends - A_VISIT)
    assert shown(visitor) == SIGNED_IN
    clock.travel_to(ends + SECOND)
    session.not_to_be_sent()
    assert shown(visitor) == SIGNED_OUT
    visitor.goto("/sign-in")
    session.to_end_with_the_browser()
    visitor.goto("/sign-out")
    session.to_be_deleted()
    assert shown(visitor) == SIGNED_OUT

    site.restart(env={"BROKEN": "yes"})
    visitor.goto("/sign-in")
    with pytest.raises(AssertionError, match="should end with the browser"):
        session.to_end_with_the_browser()
    with pytest.raises(AssertionError, match="should expire 7 days after it was set"):
        session.to_expire_in(WEEK)
    visitor.goto("/sign-out")
    with pytest.raises(AssertionError, match="should be deleted, but it lives on"):
        session.to_be_deleted()


test_lifetimes = pytest.mark.usefixtures("real_site")(
    prove_lifetimes(
        [
            Lifetime("session", set_by="/sign-in", lasts=WITH_THE_BROWSER, shows=SIGNED_IN),
            Lifetime("session", set_by="/sign-in?remember=yes", lasts=WEEK, shows=SIGNED_IN),
        ]
    )
)


@pytest.mark.whole_browser
@pytest.mark.usefixtures("on_the_path")
@pytest.mark.parametrize("protection", ["basic", "strong"])
@pytest.mark.site("../apps/real/flask_login_site.py:create_app")
def test_a_browser_that_restarts_is_the_same_to_flask_login(
    new_visitor: NewVisitor, site: Site, protection: str
) -> None:
    """Its session protection compares address and user agent: another one is "stale" in basic, signed out in strong.

    A permanent session is never signed out, so the strong one is of a browser that continues where it was left.
    """
    site.restart(SESSION_PROTECTION=protection)
    visitor = new_visitor(restores_session=protection == "strong")
    visitor.goto("/sign-in?permanent=yes" if protection == "basic" else "/sign-in")
    visitor.restart()
    assert shown(visitor) == "Ada, fresh"
    visitor.context.route(
        "**/*", lambda route: route.continue_(headers={**route.request.headers, "user-agent": "another browser"})
    )
    assert shown(visitor) == {"basic": "Ada, stale", "strong": "nobody"}[protection]


CHANNELS = """async () => {
  window.socket = new WebSocket(location.origin.replace("http", "ws") + "/socket");
  window.events = new EventSource("/events");
  const first = (channel) => new Promise((resolve) => { channel.onmessage = ({ data }) => resolve(data); });
  socket.onopen = () => socket.send("over a WebSocket:");
  window.code = new Promise((resolve) => { socket.onclose = (event) => resolve(event.code); });
  return await Promise.all([first(socket), first(events)]);
}"""
SERVICE_RESTART = 1012  # what uvicorn says when it ends


@SITES["FastAPI under uvicorn"]
def test_a_session_reaches_a_websocket_and_a_stream(on_the_path: None, visitor: Visitor, site: Site) -> None:
    visitor.goto("/sign-in")
    before = visitor.page.evaluate(CHANNELS)
    site.restart()
    assert visitor.page.evaluate("code") == SERVICE_RESTART
    assert "Application shutdown complete." in site.log  # it was not killed for what was open
    assert before == visitor.page.evaluate(CHANNELS) == [f"over a WebSocket: {SIGNED_IN}", SIGNED_IN]
    session = visitor.stored["session"].value
    assert session
    asked = [(each.path, each.status, each.cookies) for each in site.wire]
    assert asked.count(("/socket", 101, {"session": session})) == 2


# A static binary follows no clock: nothing can be loaded into it.
STATIC = r"""
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ANSWER[] =
  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\nConnection: close\r\n"
  "Set-Cookie: plain=1; Path=/\r\nSet-Cookie: hour=1; Path=/; Max-Age=3600\r\n\r\nWelcome";

int main(int count, char **arguments) {
  char request[65536];
  struct sockaddr_in here = { AF_INET, htons(atoi(arguments[1])), { htonl(INADDR_LOOPBACK) } };
  int one = 1, listening = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listening, (struct sockaddr *)&here, sizeof here) || listen(listening, 64)) return 1;
  for (int connected; (connected = accept(listening, 0, 0)) >= 0; close(connected))
    if (read(connected, request, sizeof request) > 0) write(connected, ANSWER, sizeof ANSWER - 1);
}
"""


@pytest.fixture
def static_site(request: pytest.FixtureRequest, tmp_path: Path, missing: Callable[[str, str], NoReturn]) -> Site:
    """It sets a cookie that ends with the browser, and one of an hour."""
    (tmp_path / "server.c").write_text(STATIC)
    if not shutil.which("cc"):
        missing("cc", "There is no C compiler: install gcc and libc6-dev.")
    subprocess.run(["cc", "-static", "-w", "-o", "server", "server.c"], cwd=tmp_path, check=True)
    request.node.add_marker(pytest.mark.site(command="exec ./server {port}", cwd=str(tmp_path)))
    site: Site = request.getfixturevalue("site")
    return site


def test_a_static_binary_is_refused_for_the_clock_and_used_without_it(
    static_site: Site, visitor: Visitor, clock: Clock
) -> None:
    visitor.goto("/")
    with pytest.raises(CookieproofError, match=r"The clock of the site cannot be moved: server \(\d+\) would not"):
        clock.advance(hours=1)
    static_site.restart()
    visitor.restart()
    expect_cookie(visitor, "plain").not_to_be_sent()
    expect_cookie(visitor, "hour").to_be_sent()
    clock.skew(browser=timedelta(hours=1, seconds=1))
    expect_cookie(visitor, "hour").not_to_be_sent()


COMMANDS = """
import pytest

site = pytest.mark.site

@site(command="echo no database today; exit 3 # {port}")
def test_exits(visitor):
    visitor.goto("/")

@site(command="no-such-program {port}")
def test_is_not_found(visitor):
    visitor.goto("/")

@site(command="echo asleep; exec sleep 60 # {port}", timeout=1000)
def test_never_listens(visitor):
    visitor.goto("/")

ACCEPTS = "import socket, time; s = socket.create_server(('127.0.0.1', {port})); print('awake', flush=True); "

@site(command=f'python -S -E -c "{ACCEPTS} time.sleep(60)"', timeout=2000)
def test_never_answers(visitor):
    visitor.goto("/")
"""
SAID = [
    "`echo no database today; exit 3 # {port}` did not start: it ended with exit code 3. Mend what it said last:\n"
    "    no database today\n",
    "`no-such-program {port}` did not start: a program that it names is not found (exit code 127). Mend what",
    "`echo asleep; exec sleep 60 # {port}` does not listen on port",
    "listens, but has not answered GET / within 2 s: mend it, or give it longer",
    "It said last:\n    awake\n",
]


def test_a_command_that_does_not_serve_is_a_sentence_in_a_run(project: Project) -> None:
    project.test(COMMANDS)
    ran = project.run("-rN")
    ran.assert_outcomes(errors=4)
    for text in SAID:
        assert text in ran.output
    assert "/cookieproof/" not in ran.output and "Traceback" not in ran.output
    assert project.launches == []
    assert project.left_behind() == []
