"""Reads and writes ``results.json``, and the journal of a run that has not ended yet."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from cookieproof.errors import CookieproofError
from cookieproof.report.results import (
    RESULTS_FILE,
    VERSION,
    Check,
    Refused,
    RefusedRun,
    Results,
    Run,
    Timeline,
)
from cookieproof.words import shown

# The journal: a line of JSON for each check that has ended. results.json replaces it at the run's end.
JOURNAL = "results.unfinished"
# results.json ends with the SHA-256 of all bytes before this key, in hexadecimal digits.
KEY = b',"sha256":"'
END = b'"}\n'
DIGITS = 64

_encoder = msgspec.json.Encoder()
_results = msgspec.json.Decoder(Results)
_timeline = msgspec.json.Decoder(Timeline | None)
_run, _check = msgspec.json.Decoder(Run), msgspec.json.Decoder(Check)


class AnotherVersion(CookieproofError):
    """Raised for a results file of another version; ``refused`` has what can be read of it."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(
            f"{refused.file} has the version {refused.version}, and this cookieproof reads version {VERSION}: merge it "
            "with the cookieproof that wrote it."
        )
        self.refused = refused


class NamesNoRun(CookieproofError):
    """Raised for the journal of a run that was killed before it had written what it is; ``file`` is its path."""

    def __init__(self, file: str) -> None:
        super().__init__(
            f"{file} names no run: the run was killed at its very beginning. Run it again, and merge without this file."
        )
        self.file = file


class _Version(msgspec.Struct):
    version: int


class _AnyRun(RefusedRun, frozen=True, forbid_unknown_fields=False):
    """A run in a file of another version, which may have other fields, too."""


class _AnyRuns(msgspec.Struct):
    runs: list[_AnyRun]


def write(results: Results, folder: Path) -> None:
    """Write the results to ``results.json`` in the folder, completely or not at all, and remove the journal."""
    body = _encoder.encode(results)[:-1]
    new = folder / f"{RESULTS_FILE}.new"
    new.write_bytes(body + KEY + hashlib.sha256(body).hexdigest().encode() + END)
    new.replace(folder / RESULTS_FILE)
    (folder / JOURNAL).unlink(missing_ok=True)


def forget(folder: Path) -> None:
    """Remove the results of an earlier run from the folder, which need not exist."""
    for name in (RESULTS_FILE, JOURNAL):
        (folder / name).unlink(missing_ok=True)


def read(folder: Path) -> Results:
    """Return the results in the folder: those of ``results.json``, or else of the journal of a killed run.

    Raises ``AnotherVersion``, ``NamesNoRun``, or ``CookieproofError`` for a file that was cut off or changed after it
    was written.
    """
    path = folder / RESULTS_FILE
    try:
        return _read_results(path) if path.exists() else _read_journal(folder / JOURNAL)
    except RecursionError:
        raise CookieproofError(f"{path} is not as its schema says: it is nested too deep. Run again.") from None


def _read_results(path: Path) -> Results:
    data = path.read_bytes()
    _check_version(data, path)
    body, ending = data[: -len(KEY) - DIGITS - len(END)], data[-len(KEY) - DIGITS - len(END) :]
    if not (ending.startswith(KEY) and ending.endswith(END)):
        raise CookieproofError(f"{path} does not end as it was written: get the whole file again, or run again.")
    if ending[len(KEY) : -len(END)].decode(errors="replace") != hashlib.sha256(body).hexdigest():
        raise CookieproofError(f"{path} was changed after its run wrote it: get it again, or run again.")
    try:
        results = _results.decode(body + b"}")
        _check_timelines(results.checks)
        _check_runs(results)
    except msgspec.DecodeError as error:
        raise CookieproofError(f"{path} is not as its schema says: {shown(str(error))}. Run again.") from None
    return results


def found_in(folder: Path) -> list[Path]:
    """Return the folders that hold results, sorted: this one and those below it, as CIs unpack artifacts.

    Links to folders are followed, but each folder is returned once, by its path with the fewest links. Raises
    ``OSError`` for a folder that cannot be read, and ``CookieproofError`` for a link that leads nowhere: what they hold
    is not known.
    """

    def refuse(error: OSError) -> None:
        raise error

    found, seen, to_visit = list[Path](), set[Path](), [folder] if folder.is_dir() else []
    while to_visit:
        links = list[Path]()
        for top in to_visit:
            for here, below, files in os.walk(top, onerror=refuse):
                place = Path(here).resolve()
                if place in seen:
                    below.clear()
                    continue
                seen.add(place)
                links += [path for name in below if (path := Path(here, name)).is_symlink()]
                if lost := next((path for name in files if not (path := Path(here, name)).exists()), None):
                    raise CookieproofError(f"{lost} is a link that leads nowhere: get what it names, or remove it.")
                if {RESULTS_FILE, JOURNAL} & set(files):
                    found.append(Path(here))
        to_visit = sorted(links)
    return sorted(found)


def _check_version(data: bytes, path: Path) -> None:
    try:
        version = msgspec.json.decode(data, type=_Version).version
    except msgspec.ValidationError:
        raise CookieproofError(f"{path} is no results file of cookieproof: it names no version.") from None
    except msgspec.DecodeError:
        raise CookieproofError(f"{path} is cut off, or no JSON: get the whole file again, or run again.") from None
    if version != VERSION:
        try:
            runs = msgspec.json.decode(data, type=_AnyRuns).runs
        except msgspec.ValidationError:  # another version may have another format of runs
            runs = []
        raise AnotherVersion(Refused(file=str(path), version=version, runs=runs))


def _check_timelines(checks: Iterable[Check]) -> None:
    for check in checks:
        for attempt in check.attempts:
            _timeline.decode(attempt.timeline)


def _check_runs(results: Results) -> None:
    project_of = {run.id: run.project for run in results.runs}
    if len(project_of) < len(results.runs):
        raise msgspec.ValidationError("two runs have the same id")
    for check in results.checks:
        if any(project_of.get(attempt.run) != check.project for attempt in check.attempts):
            raise msgspec.ValidationError("an attempt belongs to no run of its project")


# --- a run that has not ended


class Journal:
    """Writes the results of a run while it goes on, so that a run that is killed does not lose them."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / JOURNAL).open("wb")

    def note(self, what: Run | Check) -> None:
        """Add a line with a run or a check; it replaces an earlier line with the same id."""
        kind = b"run " if isinstance(what, Run) else b"check "
        self._file.write(kind + _encoder.encode(what) + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file, which stays there until ``write`` removes it."""
        self._file.close()


def _read_journal(path: Path) -> Results:
    runs, checks = dict[str, Run](), dict[str, Check]()
    try:
        for line in _complete_lines(path):
            kind, _, data = line.partition(b" ")
            if kind == b"run":
                run = _run.decode(data)
                runs[run.id] = run
            else:
                check = _check.decode(data)
                checks[check.id] = check
        _check_timelines(checks.values())
    except msgspec.DecodeError as error:
        raise CookieproofError(f"{path} is not as a run wrote it: {shown(str(error))}. Run again.") from None
    if not runs:
        raise NamesNoRun(str(path))
    return Results(runs=[*runs.values()], checks=[*checks.values()])


def _complete_lines(path: Path) -> Iterator[bytes]:
    """Yield each line that ends with a line feed: the last line of a killed run may be cut off."""
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield line
