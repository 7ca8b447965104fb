"""FastAPI, with its sessions in memory of a signed cookie, a WebSocket and a stream of events."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import HTMLResponse, StreamingResponse
from itsdangerous import BadSignature, TimestampSigner

BROKEN = "BROKEN" in os.environ
SIGNER = TimestampSigner("a key for the tests")
REMEMBERED = int(timedelta(days=8 if BROKEN else 7).total_seconds())

app = FastAPI()


def who(session: str | None) -> str:
    try:
        return f"Signed in as {SIGNER.unsign(session or '', max_age=REMEMBERED).decode()}"
    except BadSignature:
        return "Signed out"


@app.get("/")
def home(request: Request) -> Response:
    return HTMLResponse(who(request.cookies.get("session")))


@app.get("/sign-in")
def sign_in(remember: str = "") -> Response:
    response = HTMLResponse("Welcome")
    age = REMEMBERED if remember or BROKEN else None
    response.set_cookie("session", SIGNER.sign("Ada").decode(), max_age=age, httponly=True, samesite="lax")
    return response


@app.get("/sign-out")
def sign_out() -> Response:
    response = HTMLResponse("Bye")
    if not BROKEN:
        response.delete_cookie("session")
    return response


@app.websocket("/socket")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(f"{await websocket.receive_text()} {who(websocket.cookies.get('session'))}")
    await websocket.receive()  # until the browser, or the site, ends


@app.get("/events")
async def events(request: Request) -> Response:
    said = who(request.cookies.get("session"))

    async def stream() -> AsyncIterator[str]:
        yield f"data: {said}\n\n"
        await asyncio.Event().wait()  # until the browser, or the site, ends

    return StreamingResponse(stream(), media_type="text/event-stream")
