"""Embeds the results in the page as JSON: an index of all checks, and blocks of details.

The page's script parses a block only when one of its checks is opened: so a page with 20,000 checks opens at once.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from cookieproof.report.page.section import Report
from cookieproof.report.results import VERDICTS, WITHOUT_A_SITE, Artifact, Attempt, Check, first_sentence
from cookieproof.report.table import columns_of, promises_of

BLOCK = 50  # checks
TEXTS = ("log", "wire")  # kinds of artifacts whose text is shown in the page
LONGEST_TEXT, MOST_TEXT = 100_000, 20_000_000  # bytes of one file, and of all files together
LONGEST_SAID = 200  # characters of a failure in the list

_encoder = msgspec.json.Encoder()


def data_elements(report: Report) -> Iterator[bytes]:
    """Yield the index, and then each block, as a ``script`` element of JSON, which browsers do not run."""
    checks = sorted(report.checks, key=lambda check: (VERDICTS.index(check.outcome), check.group or "~", check.id))
    yield _element("index", _index(report, checks))
    texts = _Texts(report.path.parent)
    for number, start in enumerate(range(0, len(checks), BLOCK)):
        block = [_details(check, texts) for check in checks[start : start + BLOCK]]
        yield _element(f"block-{number}", block)


def _element(name: str, content: object) -> bytes:
    # "</script" would end the element, even within a JSON string.
    text = _encoder.encode(content).replace(b"<", b"\\u003c")
    return b'<script type="application/json" id="%s">%s</script>\n' % (name.encode(), text)


def _index(report: Report, checks: list[Check]) -> dict[str, Any]:
    """Return what the list of checks shows and filters by. ``check.js`` and ``list.js`` read its rows by position."""
    names = dict.fromkeys(each.group or WITHOUT_A_SITE for each in checks)
    groups = {name: number for number, name in enumerate(names)}
    projects = {name: number for number, name in enumerate(report.results.projects)}
    shards = {each.id: each.shard.number if each.shard else 0 for each in report.results.runs}
    columns = columns_of(report.results) if len(projects) > 1 else []
    return {
        "block": BLOCK,
        "verdicts": VERDICTS,
        "groups": [*groups],
        "projects": [*projects],
        "runs": {each.id: each.title for each in report.results.runs},
        "rows": [
            (
                check.words,
                groups[check.group or WITHOUT_A_SITE],
                projects[check.project],
                sorted({shards[attempt.run] for attempt in check.attempts}),
                VERDICTS.index(check.outcome),
                round(check.seconds, 1),
                check.id,
                first_sentence(check.text)[:LONGEST_SAID],
                len(check.attempts),
            )
            for check in checks
        ],
        "headings": [column.heading for column in columns],
        "remarks": [f"{column.heading}: {column.remark}" for column in columns if column.remark],
        "promises": [
            (promise.words, groups[group], [tuple(vars(column.cell(promise)).values()) for column in columns])
            for group, promises in (promises_of(report.results).items() if columns else ())
            for promise in promises
        ],
    }


def _details(check: Check, texts: _Texts) -> dict[str, Any]:
    attempts = [_attempt(attempt, texts) for attempt in check.attempts]
    told = {key: getattr(check, key) for key in ("engine", "place", "differs", "command")}
    return {**told, "attempts": attempts}


def _attempt(attempt: Attempt, texts: _Texts) -> dict[str, Any]:
    return {
        "run": attempt.run,
        "outcome": attempt.outcome,
        "seconds": attempt.seconds,
        "text": attempt.text,
        "timeline": attempt.timeline,
        "files": [*_files(attempt.artifacts, texts)],
    }


def _files(artifacts: Iterable[Artifact], texts: _Texts) -> Iterator[dict[str, str]]:
    for artifact in artifacts:
        told = {"kind": artifact.kind, "name": Path(artifact.path).name, "href": f"./{quote(artifact.path)}"}
        if artifact.kind == "trace":
            told["command"] = shlex.join(["playwright", "show-trace", artifact.path])
        if artifact.kind in TEXTS and (text := texts.read(artifact.path)):
            told["text"] = text
        yield told


class _Texts:
    """Reads text artifacts below ``folder``, until ``MOST_TEXT`` bytes have been read."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._left = folder, MOST_TEXT

    def read(self, path: str) -> str:
        """Return the text of the file, only its end if it is long; empty if it is missing, or all bytes are used up."""
        most, file = min(LONGEST_TEXT, self._left), self._folder / path
        try:
            size = file.stat().st_size
            with file.open("rb") as content:
                content.seek(max(0, size - most))
                read = content.read(most)
        except OSError:
            return ""
        self._left -= len(read)
        text = read.decode("utf-8", errors="backslashreplace")
        return f"… ({size - most} bytes before)\n{text}" if size > most and text else text
