"""What takes its time in an audit makes no finding: a slow sign-in, and a connection that the recorder closes"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cookieproof import Clock, CookieproofError
from cookieproof.cookies.exchange import Exchange
from cookieproof.promises.audit.outside import Outside
from cookieproof.promises.audit.sign_ins import APART, SignIns
from selftests.support.recorded import OK, RawSite, receive_head


@pytest.mark.parametrize("no_clock", ["", "It cannot be moved."])
def test_a_second_passes_after_the_end_of_a_sign_in_however_long_it_took(tmp_path: Path, no_clock: str) -> None:
    """What is signed at its end has that second in it, and so would what is signed at once in the next."""
    clock = Clock(tmp_path, None)
    answered = Exchange(1, 1, clock.now(), "POST", "localhost", "/in", 302, None, ())
    wire = [replace(answered, time=answered.time - timedelta(seconds=3)), answered]
    some: Any = SimpleNamespace(
        clock=clock, no_clock=no_clock, sign_ins=0, visitor=SimpleNamespace(site=SimpleNamespace(wire=wire))
    )
    SignIns.wait_a_second(some)
    assert not clock.moved  # nobody has signed in yet
    some.sign_ins = 1
    SignIns.wait_a_second(some)
    assert clock.now() - answered.time >= APART
    assert clock.moved is not bool(no_clock)


@pytest.fixture
def heads() -> list[bytes]:
    return []


@pytest.fixture
def closes_late(heads: list[bytes]) -> Iterator[RawSite]:
    """What closes each connection after its first answer, but only once the next request has come there."""
    kept = threading.Event()

    def talk(connected: socket.socket) -> None:
        heads.append(receive_head(connected))
        connected.sendall(OK)
        if not kept.is_set():
            kept.set()
            connected.recv(1)

    site = RawSite(talk)
    yield site
    site.close()


def test_a_connection_that_was_being_closed_is_replaced(closes_late: RawSite, heads: list[bytes]) -> None:
    as_proxy: Any = SimpleNamespace(proxy=lambda *_: closes_late.port)
    outside = Outside(as_proxy)
    for path in ("/one", "/two"):
        assert outside.ask("GET", "http://shop.localhost", path, ()).status == 200
    outside.close()
    assert [head.split()[1] for head in heads] == [b"http://shop.localhost/one", b"http://shop.localhost/two"]


def test_a_new_connection_that_is_closed_is_none_that_was_kept(closes_late: RawSite) -> None:
    closes_late.talk = lambda connected: None
    as_proxy: Any = SimpleNamespace(proxy=lambda *_: closes_late.port)
    with pytest.raises(CookieproofError, match=r"GET /one was not answered outside the browser: "):
        Outside(as_proxy).ask("GET", "http://shop.localhost", "/one", ())
