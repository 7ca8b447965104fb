"""Between browser and site the recorder changes nothing: heads as the bytes that came, bodies as streams"""

import contextlib
import gzip
import hashlib
import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from selftests.support.recorded import OK, Recorded, answer_each, receive, receive_all, receive_head, recorded

LARGE = 200 << 20
PIECE = bytes(range(256)) * 1024


@pytest.fixture
def heads() -> list[bytes]:
    return []


@pytest.fixture
def answering(tmp_path: Path, heads: list[bytes]) -> Iterator[Recorded]:
    with recorded(tmp_path, answer_each(OK, heads=heads)) as behind:
        yield behind


@pytest.mark.parametrize(
    "line",
    [
        b"X-Nul: a\0b\r\n",
        b"X-Vertical-Tab: a\x0bb\r\n",
        b"X-Blank : before the colon\r\n",
        b"X-Folded: one\r\n two\r\n\tthree\r\n",
        b"X-Latin: \xe9\xff\r\n",
        b"X-Case: a\r\nx-CASE: b\r\nX-Case: a\r\n",
        b"X-Line-End: alone\n",
        b"X-Empty:\r\n",
        b"".join(b"Cookie: c%d=%s\r\n" % (number, b"v" * 4090) for number in range(200)),
    ],
    ids=["nul", "vertical tab", "blank", "folded", "not ascii", "duplicates", "line end", "empty", "200 cookies"],
)
def test_a_request_reaches_the_site_as_the_bytes_that_came(
    answering: Recorded, heads: list[bytes], line: bytes
) -> None:
    request = b"GET /?q HTTP/1.1\r\nHost: localhost\r\n" + line + b"Connection: close\r\n\r\n"
    assert answering.ask(request) == OK
    assert heads == [request]


@pytest.mark.parametrize("path", [b"/\xe9?\xff", b"/a b", b"/%2e%2E/%zz?", b"//two/../three", b"/#fragment"])
def test_a_path_reaches_the_site_as_the_bytes_that_came(answering: Recorded, heads: list[bytes], path: bytes) -> None:
    rest = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert answering.ask(b"GET " + path + rest) == OK
    # A proxy is asked for the whole URL, and asks the site for the path.
    assert answering.ask(b"GET http://localhost" + path + rest, as_visitor=True) == OK
    assert heads == [b"GET " + path + rest] * 2
    assert [exchange.target for exchange in answering.recording.exchanges()] == [path.decode("latin-1")] * 2


def test_what_a_browser_says_to_its_proxy_the_site_hears_as_if_said_to_it(
    answering: Recorded, heads: list[bytes]
) -> None:
    head = b"GET %s HTTP/1.1\r\nHost: localhost\r\n%sConnection: close\r\nUser-Agent: a\r\n\r\n"
    assert answering.ask(head % (b"http://localhost/", b"Proxy-"), as_visitor=True) == OK
    assert heads == [head % (b"/", b"")]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 Very Well\r\nSet-Cookie: a=\0\r\nset-cookie : b=\x0b\r\nX: \xe9\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200\r\nX-Folded: one\r\n two\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n4;ext=1\r\nab\r\n\r\n0\r\nX: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
        % (len(gzip.compress(b"a")), gzip.compress(b"a")),
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok",
    ],
    ids=["odd values", "folded", "204", "304", "early hints", "chunks", "line ends", "gzip", "one length thrice"],
)
def test_an_answer_reaches_the_browser_as_the_bytes_that_came(tmp_path: Path, answer: bytes) -> None:
    with recorded(tmp_path, answer_each(answer)) as behind, behind.connect() as browser:
        for _ in range(2):  # where it ends is known, too
            browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert receive(browser, len(answer)) == answer
        assert len(behind.recording.exchanges()) == 2


def test_the_answer_to_head_ends_with_its_head(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
    with recorded(tmp_path, answer_each(head)) as behind, behind.connect() as browser:
        for _ in range(2):
            browser.sendall(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert receive(browser, len(head)) == head


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_an_answer_without_a_length_ends_with_its_connection(tmp_path: Path, version: bytes) -> None:
    answer = version + b" 200 OK\r\n\r\nto the end"
    with recorded(tmp_path, answer_each(answer, closes=True)) as behind:
        assert behind.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") == answer


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\ncut o",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n500\r\ncut o",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nno chunk\r\n",
    ],
    ids=["length", "chunk", "no chunk"],
)
def test_a_body_that_is_cut_off_is_cut_off_for_the_browser_too(tmp_path: Path, answer: bytes) -> None:
    with recorded(tmp_path, answer_each(answer, closes=True)) as behind:
        assert answer.startswith(behind.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        [exchange] = behind.recording.exchanges()
        assert (exchange.status, behind.recording.failures) == (200, [])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "its first line is b'SSH-2.0-OpenSSH_9.2\\r\\n'"),
        (b"HTTP/1.1 OK\r\n\r\n", "its first line is b'HTTP/1.1 OK\\r\\n'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok", 'its Content-Length is "1, 2"'),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nok", 'its Content-Length is "many"'),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 21), "its header is longer than 1048576 bytes"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200_000 + b"\r\n", "its header is longer than 1048576 bytes"),
        (b"HTTP/1.1 200 OK\r\nX: 1", "it was cut off within its header"),
    ],
    ids=["another protocol", "no status", "two lengths", "no length", "long line", "many lines", "cut off"],
)
def test_an_answer_that_cannot_be_framed_is_a_502_that_says_so(tmp_path: Path, answer: bytes, why: str) -> None:
    with recorded(tmp_path, answer_each(answer, closes=True)) as behind:
        told = behind.ask(b"GET /odd HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert told.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert behind.recording.failures == [
            f"GET /odd is answered with 502 by the recorder: Its answer cannot be passed on: {why}."
        ]
        assert [exchange.status for exchange in behind.recording.exchanges()] == [502]


@pytest.mark.parametrize(
    "request_",
    [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a:b:c\r\n\r\n"],
)
def test_a_request_that_cannot_be_read_is_a_400_that_says_so(answering: Recorded, request_: bytes) -> None:
    told = answering.ask(request_)
    assert told.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"The recorder cannot read this request: " in told


def test_a_site_that_wants_to_be_asked_for_the_body_is_asked(tmp_path: Path) -> None:
    bodies: list[bytes] = []

    def talk(site: socket.socket) -> None:
        receive_head(site)
        site.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        bodies.append(receive(site, 5))
        site.sendall(OK)

    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        assert receive_head(browser) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert bodies == []
        browser.sendall(b"hello")
        assert (receive(browser, len(OK)), bodies) == (OK, [b"hello"])


def test_a_body_in_chunks_reaches_the_site_as_it_came(tmp_path: Path) -> None:
    body, bodies = b"5;x=y\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n", list[bytes]()

    def talk(site: socket.socket) -> None:
        receive_head(site)
        bodies.append(receive(site, len(body)))
        site.sendall(OK)

    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
        assert (receive(browser, len(OK)), bodies) == (OK, [body])


def test_a_stream_is_not_held_up(tmp_path: Path) -> None:
    seen = threading.Event()

    def talk(site: socket.socket) -> None:
        receive_head(site)
        site.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        assert seen.wait(10)  # the browser has it before there is more
        site.sendall(b"data: 2\n\n")

    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        receive_head(browser)
        assert receive(browser, 9) == b"data: 1\n\n"
        [in_flight] = behind.recording.in_flight()
        assert in_flight.path == "/"
        seen.set()
        assert receive_all(browser) == b"data: 2\n\n"


@pytest.mark.parametrize("by_tls", [False, True], ids=["ws", "wss"])
def test_after_a_change_of_protocol_bytes_pass_both_ways(tmp_path: Path, by_tls: bool) -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"

    def talk(site: socket.socket) -> None:
        receive_head(site)
        site.sendall(switched)
        while more := site.recv(1000):
            site.sendall(more[::-1])

    with recorded(tmp_path, talk) as behind:
        with contextlib.ExitStack() as stack:
            if by_tls:
                browser: socket.socket = stack.enter_context(behind.connect_by_tls("localhost:443"))
            else:  # browsers say CONNECT for this, too
                browser = stack.enter_context(behind.connect(as_visitor=True))
                browser.sendall(b"CONNECT localhost:80 HTTP/1.1\r\n\r\n")
                assert receive_head(browser).startswith(b"HTTP/1.1 200 ")
            browser.sendall(
                b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"
            )
            assert receive_head(browser) == switched
            for said in (b"abc", b"\x00\xff" * 400):
                browser.sendall(said)
                assert receive(browser, len(said)) == said[::-1]
            assert behind.recording.in_flight() == []  # nothing that a move of the clock waits for
        [exchange] = behind.recording.exchanges()
        assert (exchange.status, exchange.scheme, exchange.visitor) == (101, "https" if by_tls else "http", 7)


def test_a_large_body_passes_without_being_held(tmp_path: Path) -> None:
    sums: list[str] = []

    def talk(site: socket.socket) -> None:
        receive_head(site)
        digest = hashlib.sha256()
        left = LARGE
        while left:
            piece = site.recv(min(left, 1 << 16))
            digest.update(piece)
            left -= len(piece)
        sums.append(digest.hexdigest())
        site.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
        for _ in range(LARGE // len(PIECE)):
            site.sendall(PIECE)

    Path("/proc/self/clear_refs").write_text("5")  # else the peak is that of an earlier test (proc_pid_clear_refs(5))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with recorded(tmp_path, talk) as behind, behind.connect() as browser:
        browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % LARGE)
        sent, came = hashlib.sha256(), hashlib.sha256()
        for _ in range(LARGE // len(PIECE)):
            browser.sendall(PIECE)
            sent.update(PIECE)
        receive_head(browser)
        left = LARGE
        while left:
            piece = browser.recv(min(left, 1 << 16))
            came.update(piece)
            left -= len(piece)
    assert {*sums, came.hexdigest()} == {sent.hexdigest()}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 << 10  # kB
