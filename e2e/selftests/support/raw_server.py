"""A server for the bytes of a header, which no library reads or mends on their way."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """What came: the host without its port, the target as sent, and the Cookie header (None without one)."""

    host: str
    target: str
    cookie: bytes | None


Answer = Callable[[Request], bytes]  # the header lines of the response, each with its line end


@contextlib.contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """Answer every request on a loopback port, which it yields, until the block ends. It is a proxy for http, too."""
    started: Future[int] = Future()
    loop = asyncio.new_event_loop()
    ending = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_serve(answer, started, ending)))
    thread.start()
    try:
        yield started.result(timeout=10)
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join()
        loop.close()


async def _serve(answer: Answer, started: Future[int], ending: asyncio.Event) -> None:
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(_converse(answer, reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=500)
    started.set_result(server.sockets[0].getsockname()[1])
    await ending.wait()
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _converse(answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    # A browser may connect ahead of need and ask nothing, or go away before it is answered.
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        request = _read(await reader.readuntil(b"\r\n\r\n"))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\nConnection: close\r\n"
        writer.write(head + answer(request) + b"\r\n")
        await writer.drain()
    writer.close()


def _read(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    host, cookie = headers.get("host", "").partition(":")[0], headers.get("cookie")
    target = first.split(" ")[1]
    if target.startswith("http://"):  # as a proxy is asked
        target = "/" + target.removeprefix("http://").partition("/")[2]
    return Request(host, target, None if cookie is None else cookie.encode("latin-1"))
