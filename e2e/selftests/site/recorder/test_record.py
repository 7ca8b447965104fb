"""Each exchange is recorded with who asked, for which URL, and when; what is no site's own is not"""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from cookieproof.site.own_pages import PROBE
from selftests.support.recorded import OK, RawSite, answer_each, receive, receive_head, recorded

CLOSE = b"Connection: close\r\n\r\n"


def test_an_exchange_is_recorded_as_it_was(tmp_path: Path) -> None:
    answer = (
        b"HTTP/1.1 302 Found\r\nSet-Cookie: a=1; Path=/\r\nX: 1\r\nset-cookie: b=\xff\r\nLocation: /there\r\n"
        b'Clear-Site-Data: "cache"\r\nClear-Site-Data: "cookies"\r\nContent-Length: 0\r\n\r\n'
    )
    head = (
        b"DELETE http://Shop.localhost/%s?q=1 HTTP/1.1\r\nHost: Shop.localhost\r\nCookie: a=0\r\nCookie: b=\xc3\xa9\r\n"
        b"Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n" % quote("/é").encode()
    )
    with recorded(tmp_path, answer_each(answer)) as behind:
        before = datetime.now(UTC)
        behind.ask(head + CLOSE, as_visitor=True)
        [exchange] = behind.recording.exchanges()
    assert (exchange.visitor, exchange.life) == (7, 2)
    assert (exchange.method, exchange.scheme, exchange.host) == ("DELETE", "http", "shop.localhost")
    assert (exchange.path, exchange.target) == ("//é", "//%C3%A9?q=1")
    assert (exchange.cookie, exchange.status, exchange.location) == ("a=0; b=é", 302, "/there")
    assert [cookie.header for cookie in exchange.set_cookies] == ["a=1; Path=/", "b=\udcff"]
    assert (exchange.clear_site_data, exchange.clears_cookies) == ('"cache", "cookies"', True)
    assert (exchange.fetch_site, exchange.fetch_mode, exchange.fetch_dest) == ("same-origin", "cors", "empty")
    assert exchange.began and exchange.ended
    assert before <= exchange.began <= exchange.time <= exchange.ended <= datetime.now(UTC)


CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX:  1 \r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nT: 1\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CLOSED = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"


@pytest.mark.parametrize("answer", [CHUNKS, WHOLE, CLOSED])
def test_a_body_is_kept_while_somebody_asks_for_it(tmp_path: Path, answer: bytes) -> None:
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Two: 1\r\nx-two: 2\r\n" + CLOSE
    with recorded(tmp_path, answer_each(answer, closes=True)) as behind:
        with behind.recording.bodies.keeping():
            behind.ask(request)
        behind.ask(request)
        kept, other = behind.recording.exchanges()
    assert (kept.body, other.body) == (b"hello", None)
    assert kept.asked == (("Host", "localhost"), ("X-Two", "1"), ("x-two", "2"), ("Connection", "close"))
    assert kept.answered == tuple(
        (name, value.strip())
        for name, _, value in (line.partition(":") for line in answer.decode().split("\r\n\r\n")[0].split("\r\n")[1:])
    )


def test_a_browser_that_is_no_visitors_is_nobody(tmp_path: Path) -> None:
    with recorded(tmp_path) as behind:
        assert behind.ask(b"GET / HTTP/1.1\r\nHost: any.example\r\n" + CLOSE) == OK
        [exchange] = behind.recording.exchanges()
    assert (exchange.visitor, exchange.life, exchange.host) == (None, None, "any.example")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_site_is_told_how_it_was_asked_as_behind_nginx(tmp_path: Path, scheme: str) -> None:
    heads: list[bytes] = []
    said = b"Host: a.localhost:%d\r\nX-Forwarded-For: 6.6.6.6\r\nx-forwarded-proto: gopher\r\nX-Other: 1\r\n"
    with recorded(tmp_path, answer_each(OK, heads=heads)) as behind:
        behind.site.forwarded = True
        port = behind.front.port
        if scheme == "https":
            with behind.connect_by_tls(f"a.localhost:{port}") as browser:
                browser.sendall(b"GET / HTTP/1.1\r\n" + said % port + b"\r\n")
                assert receive(browser, len(OK)) == OK
        else:
            request = b"GET http://a.localhost:%d/ HTTP/1.1\r\n" % port + said % port + CLOSE
            assert behind.ask(request, as_visitor=True) == OK
    [head] = heads
    fields = [line for line in head.split(b"\r\n") if line.lower().startswith(b"x-")]
    assert fields == [
        b"X-Other: 1",
        b"X-Forwarded-For: 127.0.0.1",
        b"X-Forwarded-Proto: " + scheme.encode(),
        b"X-Forwarded-Host: a.localhost:%d" % port,
        b"X-Forwarded-Port: %d" % port,
    ]


def test_any_host_of_the_site_is_had_at_its_real_port(tmp_path: Path) -> None:
    with recorded(tmp_path, names=("shop.example", "*.shop.example")) as behind:
        request = b"GET http://www.shop.example/ HTTP/1.1\r\nHost: www.shop.example\r\n" + CLOSE
        assert behind.ask(request, as_visitor=True) == OK
        with behind.connect_by_tls("shop.example:443") as browser:
            browser.sendall(b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
            assert receive(browser, len(OK)) == OK
        exchanges = behind.recording.exchanges()
    assert [(each.scheme, each.host) for each in exchanges] == [("http", "www.shop.example"), ("https", "shop.example")]


@pytest.mark.parametrize("authority", ["other.example", "evilshop.example", "shop.example:81", "10.0.0.1"])
@pytest.mark.parametrize(
    ("scheme", "mode"), [("http", ""), ("https", "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n"), ("https", "")]
)
def test_a_host_that_nobody_named_is_refused_and_listed(tmp_path: Path, scheme: str, mode: str, authority: str) -> None:
    host = authority.partition(":")[0]
    with recorded(tmp_path, names=("shop.example", "*.shop.example")) as behind:
        if scheme == "https":
            with behind.connect_by_tls(authority if ":" in authority else f"{authority}:443") as browser:
                browser.sendall(f"GET / HTTP/1.1\r\nHost: {authority}\r\n{mode}\r\n".encode())
                answer = receive(browser, 10_000)
        else:
            request = f"GET http://{authority}/ HTTP/1.1\r\nHost: {authority}\r\n\r\n"
            answer = behind.ask(request.encode(), as_visitor=True)
        assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
        assert f"Nobody named {host}, and a run reaches nothing outside".encode() in answer
        page = scheme == "http" or mode  # else it is the browser itself that asks
        assert (behind.recording.tell_refused(), behind.recording.exchanges()) == ([host] if page else [], [])
        assert behind.recording.tell_refused() == []  # once is enough


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2"], ids=["another port of this machine", "allowed"])
@pytest.mark.parametrize("by_connect", [False, True])
def test_what_may_be_reached_is_reached_unrecorded(tmp_path: Path, by_connect: bool, host: str) -> None:
    heads: list[bytes] = []
    with recorded(tmp_path, allowed=("127.0.0.2",)) as behind:
        behind.site.forwarded = True
        other = RawSite(answer_each(OK, heads=heads), host="127.0.0.1" if host == "localhost" else host)
        asked = b"HTTP/1.1\r\nHost: %s\r\n\r\n" % host.encode()
        try:
            with behind.connect(as_visitor=True) as browser:
                there = b"%s:%d" % (host.encode(), other.port)
                if by_connect:
                    browser.sendall(b"CONNECT %s HTTP/1.1\r\n\r\n" % there)
                    assert receive_head(browser).startswith(b"HTTP/1.1 200 ")
                browser.sendall(b"GET %s/ %s" % (b"" if by_connect else b"http://" + there, asked))
                assert receive(browser, len(OK)) == OK
        finally:
            other.close()
        assert heads == [b"GET / " + asked]
        assert (behind.recording.exchanges(), behind.recording.failures) == ([], [])
        assert behind.recording.tell_refused() == []


def test_the_harness_answers_at_its_own_port_and_the_icon_and_the_site_is_not_asked(tmp_path: Path) -> None:
    heads: list[bytes] = []
    with recorded(tmp_path, answer_each(OK, heads=heads)) as behind:
        own = behind.recorder.own_port
        accept = b"Host: a.localhost\r\nAccept: %s\r\nCookie: a=1\r\n" % PROBE.encode()
        probed = behind.ask(b"GET http://a.localhost:%d/page HTTP/1.1\r\n" % own + accept + CLOSE, as_visitor=True)
        assert probed.endswith(b'\r\n\r\n"a=1"')
        with behind.connect_by_tls(f"a.localhost:{own}") as browser:
            browser.sendall(b"GET /page HTTP/1.1\r\n" + accept + b"\r\n")
            assert receive_head(browser).startswith(b"HTTP/1.1 200 OK\r\n")
        for path in (b"/favicon.ico", b"/.cookieproof/blank"):
            request = b"GET http://a.localhost" + path + b" HTTP/1.1\r\nHost: a.localhost\r\n"
            behind.ask(request + CLOSE, as_visitor=True)
        assert (heads, behind.recording.exchanges()) == ([], [])


def test_only_pages_of_the_harness_may_read_what_the_probe_is_told(tmp_path: Path) -> None:
    with recorded(tmp_path) as behind:
        own = behind.recorder.own_port
        allowed = []
        for port in (own, behind.front.port):
            head = b"GET http://a.localhost:%d/ HTTP/1.1\r\nHost: a.localhost\r\nAccept: %s\r\n" % (own, PROBE.encode())
            origin = b"Origin: http://a.localhost:%d\r\n" % port
            allowed.append(b"Access-Control-Allow-Credentials" in behind.ask(head + origin + CLOSE, as_visitor=True))
        assert allowed == [True, False]
