"""A request waits for a site that restarts, fails with the reason if it is away, and ends with its browser"""

import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cookieproof.errors import wait_until
from cookieproof.site.recorder.upstream import Address, Upstream
from selftests.support.recorded import OK, RawSite, Talk, answer_each, receive, receive_head, recorded

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
SEND_BODY = b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na"


def answers_one_of_two(heads: list[bytes]) -> Talk:
    """Reads the second request on a connection, and closes that without an answer."""

    def talk(site: socket.socket) -> None:
        heads.append(receive_head(site))
        site.sendall(OK)
        receive_head(site)

    return talk


@pytest.mark.parametrize(("request_", "is_sent_anew"), [(GET, True), (POST, False), (SEND_BODY, False)])
def test_what_meets_a_closed_connection_is_sent_anew_if_that_changes_nothing(
    tmp_path: Path, request_: bytes, is_sent_anew: bool
) -> None:
    heads: list[bytes] = []
    with recorded(tmp_path, answers_one_of_two(heads)) as behind, behind.connect() as browser:
        browser.sendall(GET)
        assert receive(browser, len(OK)) == OK
        browser.sendall(request_)
        answer = receive_head(browser)
        assert answer.startswith(b"HTTP/1.1 200" if is_sent_anew else b"HTTP/1.1 502")
        assert heads == [GET] * (2 if is_sent_anew else 1)
        assert behind.recording.failures == (
            []
            if is_sent_anew
            else [
                f"{request_[:4].decode().strip()} / is answered with 502 by the recorder: "
                "It closed the connection without an answer."
            ]
        )


def test_a_site_that_never_answers_a_first_request_is_not_asked_twice(tmp_path: Path) -> None:
    heads: list[bytes] = []
    with recorded(tmp_path, lambda site: heads.append(receive_head(site))) as behind:
        assert behind.ask(GET).startswith(b"HTTP/1.1 502 ")
        assert heads == [GET]


def test_no_connection_to_an_earlier_start_of_the_site_is_used_again(tmp_path: Path) -> None:
    came: list[socket.socket] = []

    def talk(site: socket.socket) -> None:
        came.append(site)
        answer_each(OK)(site)

    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        for start in (0, 0, 1):
            behind.site.start = start
            browser.sendall(POST)
            assert receive(browser, len(OK)) == OK
        assert len(came) == 2


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (b"Connection: close\r\n", b""),
        (b"connection : Close\r\n", b""),
        (b"Connection: close, X-Hop\r\n", b"Connection: x-hop\r\n"),
    ],
)
def test_a_browsers_connection_goes_on_where_the_site_closes_its_own(tmp_path: Path, said: bytes, left: bytes) -> None:
    """As behind nginx: each side of a proxy has a connection of its own."""
    came: list[socket.socket] = []
    answer = b"HTTP/1.1 200 OK\r\n%sX: 1\r\nContent-Length: 2\r\n%s\r\nok"

    def talk(site: socket.socket) -> None:
        came.append(site)
        receive_head(site)
        site.sendall(answer % (said, b""))

    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        for _ in range(3):
            browser.sendall(POST)
            passed = answer % (b"", left)
            assert receive(browser, len(passed)) == passed
        assert len(came) == 3


def test_a_browser_that_wants_the_end_of_its_connection_gets_it(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with recorded(tmp_path, answer_each(answer, closes=True)) as behind:
        assert behind.ask(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) == answer


def test_a_test_that_computes_gives_way_to_the_recorder_at_once(tmp_path: Path) -> None:
    before = sys.getswitchinterval()  # of this worker's recorder, if it has one already
    sys.setswitchinterval(0.005)
    try:
        with recorded(tmp_path):
            assert sys.getswitchinterval() <= 0.001
        assert sys.getswitchinterval() == 0.005
    finally:
        sys.setswitchinterval(before)


def test_a_request_that_comes_while_the_site_restarts_waits(tmp_path: Path) -> None:
    with recorded(tmp_path) as behind, behind.connect() as browser, ThreadPoolExecutor(1) as pool:
        with behind.recorder.requests_held(behind.recording):
            browser.sendall(GET)
            answer = pool.submit(receive, browser, len(OK))
            assert behind.recording.exchanges() == behind.recording.in_flight() == []
            assert not answer.done()
        assert answer.result() == OK


@pytest.mark.parametrize(("request_", "answer"), [(GET, OK), (POST, b"HTTP/1.1 502 ")])
def test_what_meets_the_end_of_a_site_that_restarts_is_asked_of_the_next_if_that_changes_nothing(
    tmp_path: Path, request_: bytes, answer: bytes
) -> None:
    came: list[bytes] = []

    def talk(site: socket.socket) -> None:
        came.append(receive_head(site))
        if len(came) == 1:
            behind.site.start = 1
        else:
            site.sendall(OK)

    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        browser.sendall(request_)
        assert receive(browser, len(answer)) == answer
        assert len(came) == (2 if answer == OK else 1)


def test_a_restart_closes_a_stream_of_events(tmp_path: Path) -> None:
    """Servers that end politely wait for it, which never ends by itself."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
    closed = threading.Event()

    def talk(site: socket.socket) -> None:
        receive_head(site)
        site.sendall(head)
        if not site.recv(1):
            closed.set()

    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        browser.sendall(GET)
        assert receive_head(browser) == head
        with behind.recorder.requests_held(behind.recording):
            assert closed.wait(10)
            assert receive(browser, 1) == b""


def test_a_site_that_is_away_is_a_page_that_says_why(tmp_path: Path) -> None:
    with recorded(tmp_path) as behind:
        gone = RawSite(answer_each(OK))
        gone.close()
        behind.site.port, behind.site.why = gone.port, "Its process ended with exit code 3, saying <this>."
        answer = behind.ask(b"GET /page?q HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert b"GET /page: Its process ended with exit code 3, saying &lt;this&gt;." in answer
        [exchange] = behind.recording.exchanges()
        assert (exchange.status, exchange.path, exchange.target) == (502, "/page", "/page?q")
        behind.site.why = ""
        assert b"It cannot be reached: " in behind.ask(GET)


def test_a_site_that_does_not_accept_a_connection_in_time_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def connect(address: Address) -> Upstream:
        raise TimeoutError  # which asyncio raises without a text

    monkeypatch.setattr(Upstream, "connect", connect)
    with recorded(tmp_path) as behind:
        assert b"It cannot be reached: it did not accept the connection within 10 s." in behind.ask(GET)


def test_the_site_sees_that_a_browser_has_gone(tmp_path: Path) -> None:
    asked, gone = threading.Event(), threading.Event()

    def talk(site: socket.socket) -> None:
        receive_head(site)
        asked.set()
        if not site.recv(1):
            gone.set()

    with recorded(tmp_path, talk) as behind:
        with behind.connect() as browser:
            browser.sendall(GET)
            assert asked.wait(10)
        assert gone.wait(10)
        assert wait_until(lambda: not behind.recording.in_flight(), "the end of what is in flight", 30)
        assert behind.recording.exchanges() == []  # nothing was answered


def test_an_upload_that_is_cut_off_is_cut_off_for_the_site_too(tmp_path: Path) -> None:
    bodies, ended = list[bytes](), threading.Event()

    def talk(site: socket.socket) -> None:
        receive_head(site)
        bodies.append(receive(site, 100))
        ended.set()

    with recorded(tmp_path, talk) as behind:
        with behind.connect() as browser:
            browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ncut o")
        assert ended.wait(10)
        assert bodies == [b"cut o"]


def test_a_site_may_answer_before_it_has_read_all(tmp_path: Path) -> None:
    answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"

    def talk(site: socket.socket) -> None:
        receive_head(site)
        site.sendall(answer)

    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        assert receive_head(browser) == answer
        assert browser.recv(1) == b""


def test_a_recorder_that_is_closed_leaves_no_thread_and_no_connection(tmp_path: Path) -> None:
    before = {*threading.enumerate()}
    with recorded(tmp_path, answer_each(OK)) as behind:
        browser = behind.connect()
        browser.sendall(GET)
        assert receive(browser, len(OK)) == OK
    assert {*threading.enumerate()} <= before  # one of an earlier test may have ended meanwhile
    assert browser.recv(1) == b""
    browser.close()
