"""The data in the page: an index of all checks, and in blocks what is parsed when a check is opened."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from cookieproof.report.page.section import Run
from cookieproof.report.results import VERDICTS, WITHOUT_A_SITE, Artifact, Attempt, Check, first_sentence
from cookieproof.report.table import columns_of, promises_of

BLOCK = 50  # checks
TEXTS = ("log", "wire")  # artifacts that are shown in place
LONGEST_TEXT, MOST_TEXT = 100_000, 20_000_000  # characters of one file, and of all
LONGEST_SAID = 200

_encoder = msgspec.json.Encoder()


def data(run: Run) -> Iterator[bytes]:
    """The blocks of the page, one after the other, as elements that no browser runs."""
    checks = sorted(run.checks, key=lambda check: (VERDICTS.index(check.outcome), check.group or "~", check.id))
    yield _element("index", _index(run, checks))
    folder, room = run.path.parent, [MOST_TEXT]
    for number, start in enumerate(range(0, len(checks), BLOCK)):
        block = [_details(check, folder, room) for check in checks[start : start + BLOCK]]
        yield _element(f"block-{number}", block)


def _element(name: str, content: object) -> bytes:
    # "</script" would end it, whatever stands around.
    text = _encoder.encode(content).replace(b"<", b"\\u003c")
    return b'<script type="application/json" id="%s">%s</script>\n' % (name.encode(), text)


def _index(run: Run, checks: list[Check]) -> dict[str, Any]:
    names = dict.fromkeys(each.group or WITHOUT_A_SITE for each in checks)
    groups = {name: number for number, name in enumerate(names)}
    projects = {name: number for number, name in enumerate(run.results.projects)}
    shards = {each.id: each.shard.number if each.shard else 0 for each in run.results.runs}
    columns = columns_of(run.results) if len(projects) > 1 else []
    return {
        "block": BLOCK,
        "verdicts": VERDICTS,
        "groups": [*groups],
        "projects": [*projects],
        "runs": {each.id: each.title for each in run.results.runs},
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
            for group, promises in (promises_of(run.results).items() if columns else ())
            for promise in promises
        ],
    }


def _details(check: Check, folder: Path, room: list[int]) -> dict[str, Any]:
    attempts = [_attempt(attempt, folder, room) for attempt in check.attempts]
    told = {key: getattr(check, key) for key in ("engine", "place", "differs", "command")}
    return {**told, "attempts": attempts}


def _attempt(attempt: Attempt, folder: Path, room: list[int]) -> dict[str, Any]:
    return {
        "run": attempt.run,
        "outcome": attempt.outcome,
        "seconds": attempt.seconds,
        "text": attempt.text,
        "timeline": attempt.timeline,
        "files": [*_files(attempt.artifacts, folder, room)],
    }


def _files(artifacts: Iterable[Artifact], folder: Path, room: list[int]) -> Iterator[dict[str, str]]:
    for artifact in artifacts:
        told = {"kind": artifact.kind, "name": Path(artifact.path).name, "href": f"./{quote(artifact.path)}"}
        if artifact.kind == "trace":
            told["command"] = shlex.join(["playwright", "show-trace", artifact.path])
        if artifact.kind in TEXTS and (text := _text(folder / artifact.path, min(LONGEST_TEXT, room[0]))):
            room[0] -= len(text)
            told["text"] = text
        yield told


def _text(file: Path, most: int) -> str:
    """What the file says, the end of it if it is long; an empty text if it is not there."""
    try:
        size = file.stat().st_size
        with file.open("rb") as content:
            content.seek(max(0, size - most))
            text = content.read(most).decode("utf-8", errors="backslashreplace")
    except OSError:
        return ""
    return f"… ({size - most} bytes before)\n{text}" if size > most and text else text
