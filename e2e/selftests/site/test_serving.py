"""A site is served by a process of its own, on one port that a restart keeps"""

import json
import pickle
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener, urlopen

import pytest

from cookieproof import CookieproofError, Site, Visitor
from cookieproof.errors import wait_until
from cookieproof.site import app_process
from cookieproof.site.app_process import BOOT_SECONDS, AppProcess
from cookieproof.site.served_app import ServedApp

PLAIN = "../apps/plain.py:create_app"
pytestmark = pytest.mark.site(PLAIN)


def get(site: Site, path: str, **headers: str) -> Any:
    with urlopen(Request(site.url.replace("localhost", "127.0.0.1") + path, headers=headers), timeout=20) as answer:
        return json.load(answer)


@pytest.mark.site("../apps/plain.py:create_app", SPELLED="12", NUMBER=3, AGE=timedelta(days=2))
def test_configuration_reaches_the_factory_and_the_app(site: Site) -> None:
    told = get(site, "/config")
    # What JSON can spell is there as FLASK_* before the factory runs; the rest is set on the app.
    assert told["in_factory"] == {"SPELLED": "12", "NUMBER": 3}
    assert told["in_app"] == {"SPELLED": "12", "NUMBER": 3, "AGE": "2 days, 0:00:00"}


def test_a_restart_keeps_the_port_and_changes_process_and_configuration(site: Site) -> None:
    before, url = get(site, "/config"), site.url
    site.restart(NUMBER=5)
    after = get(site, "/config")
    assert site.url == url
    assert after["pid"] != before["pid"]
    assert (before["in_app"].get("NUMBER"), after["in_app"]["NUMBER"]) == (None, 5)


def test_the_next_test_gets_the_plain_configuration_again(site: Site) -> None:
    site.restart(NUMBER=5)
    assert isinstance(site, ServedApp)
    again = ServedApp(site._process, site._clock)
    assert "NUMBER" not in get(again, "/config")["in_app"]


def test_a_restart_takes_environment_variables_for_one_start(site: Site) -> None:
    site.restart(env={"PLAIN_FOLDER": "here"})
    assert get(site, "/config")["environment"] == "here"
    site.restart()
    assert get(site, "/config")["environment"] is None


def test_a_request_during_a_restart_waits_instead_of_failing(site: Site) -> None:
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.extend(get(site, "/config")["pid"] for _ in range(20)))
    asking.start()
    for _ in range(3):
        site.restart()
    asking.join(timeout=60)
    assert len(answers) == 20


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds after which a process that does not end is killed: more than a restart takes on a busy machine."""
    monkeypatch.setattr(app_process, "STOP_SECONDS", 40.0)
    return app_process.STOP_SECONDS


def test_a_restart_does_not_wait_for_connections_that_are_kept_open(site: Site, patience: float) -> None:
    with socket.create_connection(("127.0.0.1", int(site.url.rpartition(":")[2]))) as kept_open:
        kept_open.sendall(b"GET /config HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert kept_open.recv(15) == b"HTTP/1.1 200 OK"
        start = time.monotonic()
        site.restart()
        assert time.monotonic() - start < patience


@pytest.mark.site("../apps/behind_a_proxy.py:create_app('shop', scheme='https')")
def test_an_app_that_changes_what_it_was_handed_and_works_in_the_background(site: Site, patience: float) -> None:
    assert get(site, "/page") == ["https", "shop.example", "/shop", "page/moved"]
    [exchange] = site.wire
    assert (exchange.scheme, exchange.host, exchange.path) == ("http", "127.0.0.1", "/page")
    start = time.monotonic()
    site.restart()
    assert time.monotonic() - start < patience


@pytest.mark.parametrize(
    "trusts",
    [
        pytest.param(trusts, marks=pytest.mark.site(PLAIN, hosts=["shop.example"], trusts_proxy=trusts))
        for trusts in (True, False)
    ],
)
def test_an_app_knows_how_it_was_asked_if_it_trusts_its_proxy(visitor: Visitor, trusts: bool) -> None:
    for url in ("https://shop.example/asked", "http://shop.example/asked", f"{visitor.url}/asked"):
        scheme, host = url.split("/")[0:3:2]
        scheme = scheme if trusts else "http:"
        told = [scheme == "https:", f"{scheme}//{host}/asked", host, "127.0.0.1"]
        assert visitor.goto(url).json() == told


@pytest.mark.site("../apps/plain.py:create_app", TRUSTED_HOSTS=["www.shop.localhost"])
def test_an_app_that_trusts_other_hosts_gets_one_sentence_and_is_visited_there(visitor: Visitor) -> None:
    answers = (
        r"answers only to www.shop.localhost \(TRUSTED_HOSTS\), and would refuse localhost with 400: visit it there"
    )
    with pytest.raises(CookieproofError, match=answers):
        visitor.goto("/config")
    assert visitor.goto("/config", host="www.shop.localhost").status == 200


@pytest.mark.site("../apps/plain.py:create_app", TRUSTED_HOSTS=("localhost", ".localhost"))
def test_an_app_that_trusts_its_tests_hosts_is_served(site: Site) -> None:
    site.app_info.check_trust("1-left-alone.lifetimes-1.localhost")
    with pytest.raises(CookieproofError, match=r'for its tests configure TRUSTED_HOSTS=\["localhost", ".localhost"\]'):
        site.app_info.check_trust("shop.test")


def test_the_wire_has_each_exchange_and_the_log_what_was_printed(site: Site) -> None:
    proxy_options = build_opener(ProxyHandler({"http": f"http://127.0.0.1:{site.proxy(7, 2)}"}))
    cookie = {"Cookie": "a=1; b=ü".encode().decode("latin-1")}
    with proxy_options.open(Request(f"{site.url}/set", headers=cookie), timeout=20) as answer:
        assert answer.status == 200
    get(site, "/config")
    exchange, other = site.wire
    assert (exchange.visitor, exchange.life, exchange.method, exchange.path, exchange.status) == (
        7,
        2,
        "GET",
        "/set",
        200,
    )
    assert exchange.cookies == {"a": "1", "b": "ü"}
    assert [cookie.header for cookie in exchange.set_cookies] == ["c=3; Path=/", "d=4; Secure; Path=/"]
    assert abs(exchange.time.timestamp() - time.time()) < 20
    assert (other.visitor, other.cookie, other.set_cookies) == (None, None, ())
    assert '"GET /set HTTP/1.1" 200' in site.log


def test_the_harness_answers_for_the_icon_without_the_app(site: Site) -> None:
    with urlopen(f"http://127.0.0.1:{site.url.rpartition(':')[2]}/favicon.ico", timeout=20) as answer:
        assert answer.status == 204
    assert site.wire == []


@pytest.mark.site("../apps/plain.py:create_app", TESTING=True)
def test_an_exception_that_leaves_the_app_is_on_the_wire(site: Site) -> None:
    with pytest.raises(OSError, match="500"):
        get(site, "/raise")
    assert [(exchange.path, exchange.status) for exchange in site.wire] == [("/raise", 500)]
    wait_until(lambda: "RuntimeError: on purpose" in site.log, "the traceback, logged after the answer", 30)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"value": "Łódź"}, "response header \"X-Word\" is 'Łódź', and HTTP headers are Latin-1 (RFC 9110, 5.5; PEP"),
        ({"value": "Ł" * 200}, f'response header "X-Word" is \'{"Ł" * 99}…, and HTTP headers are Latin-1'),
        ({"name": "X-Łódź"}, "response header \"X-Łódź\" is '', and HTTP headers are Latin-1"),
        ({"status": "404 не найдено"}, "status line is '404 не найдено', and HTTP headers are Latin-1"),
        ({"value": "a\0b"}, "response header \"X-Word\" is 'a\\x00b', and no HTTP header holds CR, LF or NUL"),
        ({"status": "404 a\r\nb"}, "status line is '404 a\\r\\nb', and no HTTP header holds CR, LF or NUL"),
    ],
    ids=["value", "long value", "name", "status", "NUL", "line break"],
)
def test_a_header_that_cannot_be_sent_is_refused_at_once_with_a_sentence(
    site: Site, asked: dict[str, str], why: str
) -> None:
    with pytest.raises(HTTPError) as refused:
        get(site, f"/answer?{urlencode(asked)}")
    assert refused.value.code == 500
    assert f"GET /answer is answered with 500 instead: its {why}" in refused.value.read().decode()
    assert f"GET /answer is answered with 500 instead: its {why}" in site.log
    assert "Traceback" not in site.log
    assert [(exchange.status, exchange.set_cookies) for exchange in site.wire] == [(500, ())]


def test_a_header_is_sent_as_it_is_if_it_is_latin_1(site: Site) -> None:
    with urlopen(f"{site.url}/answer?{urlencode({'value': 'Müll'})}", timeout=20) as answer:
        assert (answer.status, answer.headers["X-Word"]) == (200, "Müll")


def test_a_site_that_dies_at_boot_fails_at_once_with_its_own_words(tmp_path: Path) -> None:
    died = tmp_path / "died"
    (tmp_path / "dies.py").write_text(
        f"import os\nprint('the disk is full', flush=True)\nopen({str(died)!r}, 'w').close()\nos._exit(3)\n"
    )
    server = AppProcess("dies:app", {}, {}, tmp_path, tmp_path / "files")
    try:
        with pytest.raises(CookieproofError, match=r'"dies:app" did not start: .* exit code 3(.|\n)*the disk is full'):
            server.ensure_as_configured()
        assert time.time() - died.stat().st_mtime < BOOT_SECONDS / 2  # for which it would have been waited
        with pytest.raises(CookieproofError, match="the disk is full"):  # and is not tried again by each test
            server.ensure_as_configured()
        assert (tmp_path / "files" / "site.log").read_text().count("the disk is full") == 1
    finally:
        server.close()


def test_a_process_that_ends_before_it_has_read_what_to_serve_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, dump = AppProcess("shop:app", {}, {"PYTHONHOME": "/nowhere"}, tmp_path, tmp_path / "files"), pickle.dump

    def dump_late(job: object, stdin: Any) -> None:
        assert server._child
        server._child.wait(20)
        dump(job, stdin)

    monkeypatch.setattr(pickle, "dump", dump_late)
    try:
        with pytest.raises(CookieproofError, match='"shop:app" did not start: its process ended with exit code 1'):
            server.ensure_as_configured()
    finally:
        server.close()


def test_configuration_that_cannot_be_handed_over_is_refused(site: Site) -> None:
    with pytest.raises(CookieproofError, match="configuration cannot be handed to its process"):
        site.restart(CALLBACK=lambda: None)


def test_a_folder_of_its_own_is_filled_in(tmp_path: Path, _worker: Any) -> None:
    where = Path(__file__).parents[1] / "apps" / "plain.py"
    site = _worker.site_of(
        {"app": f"{where}:create_app", "config": {"FOLDER": "{tmp}/files"}, "env": {"PLAIN_FOLDER": "{tmp}"}}
    )
    told = get(site, "/config")
    assert told["in_app"]["FOLDER"] == told["environment"] + "/files"
    assert Path(told["environment"]).is_dir()
