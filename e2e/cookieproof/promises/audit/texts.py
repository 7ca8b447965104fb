"""Whether an answer of the site has a text that its page shows."""

from __future__ import annotations

import contextlib
import gzip
import html
import json
import re
import zlib
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

WORD = re.compile(r"[^\W_]{3,}")
TOKEN = re.compile(r"[\w.~+/=-]{20,}")  # a value that is made anew, and no word of a page
UNSEEN = ("script", "style", "template", "noscript")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._unseen += tag in UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN and self._unseen > 0

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def decoded(body: bytes, encoding: str = "") -> str:
    """Return a body as text; an empty one if it is compressed in a way that Python cannot read."""
    try:
        if encoding == "gzip":
            body = gzip.decompress(body)
        elif encoding == "deflate":
            body = zlib.decompress(body)
        elif encoding not in ("", "identity"):
            return ""
    except (OSError, EOFError, zlib.error):
        return ""
    return body.decode(errors="replace")


def says(text: str, body: str, content_type: str) -> bool:
    """Return whether a body shows the text, as Playwright's ``get_by_text`` looks for one: whatever case and blanks."""
    wanted = _normal(text)
    # Elements may part words or not: "Signed in as <b>Ada</b>" and "<td>Ada</td><td>10</td>".
    return any(wanted in _normal(shown_text(body, content_type, glue)) for glue in ("", " "))


def shown_text(body: str, content_type: str, glue: str = " ") -> str:
    """Return what a person is shown of a body, its elements joined by ``glue``; of JSON all, without its escapes."""
    if "html" in content_type:
        parser = _Text()
        parser.feed(body)
        return glue.join(parser.parts)
    if "json" in content_type:
        with contextlib.suppress(ValueError):
            return json.dumps(json.loads(body), ensure_ascii=False)
    return body


def stands_in(text: str, values: Iterable[str]) -> bool:
    """Return whether one of the values stands in a text, as it is or escaped: for a URL, for HTML, or for JSON."""
    read = [text, *({unquote(text), html.unescape(text), text.replace("\\/", "/")} - {text})]
    return any(spelled in each for value in values for spelled in {value, unquote(value)} for each in read)


def words_of(body: str, content_type: str) -> frozenset[str]:
    """Return the words that a person is shown of a body, without what is as long as a token."""
    return frozenset(WORD.findall(TOKEN.sub(" ", shown_text(body, content_type))))


def _normal(text: str) -> str:
    return " ".join(text.split()).casefold()
