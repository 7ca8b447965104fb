"""Runs every ``run:`` line of a GitHub workflow here, as far as a machine that is not GitHub's can.

``make workflow-rehearsal`` calls it. For each entry of the matrix there is a clean clone of what is committed,
in a temporary folder; there each line runs in its order, with CI=true and without what HIDDEN names on the PATH.
Of the actions those for artifacts do here what they do there, between the jobs; the others are named and not run, and
neither is a step with an ``if:`` but for ``!cancelled()``. A project that cannot be had here, or was not named, is
taken out of the lines of the jobs that need it. A line's ``sudo apt-get install`` installs on this system, too.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from cookieproof.browser.run_folder import own_temporary_folder
from cookieproof.errors import CookieproofError, wait_until
from cookieproof.report.columns import NOT_RUN
from workflow_artifacts import Artifacts
from workflow_file import SHELLS, WHATEVER_FAILED, Entry, read

WORKFLOW = Path(".github/workflows/e2e.yml")
# Programs whose names begin so are not on the PATH: what a checker's machine may have, and a fresh one has not.
HIDDEN = ("redis", "firefox")
SECONDS_TO_END = 20  # a run that is interrupted saves what it has
LAST_LINES = 40
TIMED_OUT = 124  # as timeout(1) says it
OK, FAILED, NOT_HAD = "ok", "FAILED", "not had"


@dataclass(frozen=True)
class Outcome:
    """What became of a step: OK, FAILED, NOT_HAD, or why it was not run; the exit code is None without a run."""

    job: str
    entry: str
    step: str
    code: int | None
    seconds: float
    word: str


def main(root: Path, names: Sequence[str]) -> int:
    """Rehearse the named entries, or all. Returns 0 if nothing failed but for a browser that cannot be had here."""
    entries = read(root / WORKFLOW)
    if unknown := {name for name in names if not any(entry.is_named([name]) for entry in entries)}:
        raise CookieproofError(
            f'{WORKFLOW} has no entry "{sorted(unknown)[0]}": choose of {", ".join(entry.name for entry in entries)}.'
        )
    if subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, check=True).stdout:
        print("What is not committed is not in the clones.")
    outcomes: list[Outcome] = []
    with _interrupted_by_any_signal(), own_temporary_folder() as folder:
        env, artifacts = environment(folder), Artifacts(folder / "artifacts")
        for entry in entries:
            needed = {each.entry for each in outcomes if each.job in entry.needs and each.word != OK}
            if needed and not entry.whatever_failed:
                print(f"\n=== {entry.name} ===\nnot run: {', '.join(sorted(needed))} failed", flush=True)
            elif entry.is_named(names):
                outcomes += rehearse(
                    entry.without(absent(entry, entries, names, outcomes)), root, folder, env, artifacts
                )
    print("\n" + table(outcomes))
    return int(any(outcome.word == FAILED for outcome in outcomes))


def absent(entry: Entry, entries: Sequence[Entry], names: Sequence[str], outcomes: Sequence[Outcome]) -> set[str]:
    """What the entry's lines cannot ask for: words of entries that it needs, and that were not had, or not named."""
    unavailable = {each.entry for each in outcomes if each.word == NOT_HAD}
    needed = [each for each in entries if each.job in entry.needs]
    here = [each for each in needed if each.is_named(names) and each.name not in unavailable]
    return {word for each in needed for word in each.words} - {word for each in here for word in each.words}


def environment(folder: Path) -> dict[str, str]:
    """This process's environment as a runner of GitHub's would have it; what it needs is made in the folder."""
    ours = ("MAKE", "MFLAGS", "PYTHONPATH", "VIRTUAL_ENV", "GIT_", "PYTEST_")
    env = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    (folder / "tmp").mkdir()
    return {**env, "CI": "true", "TMPDIR": str(folder / "tmp"), "PATH": path_without(HIDDEN, folder)}


def path_without(hidden: tuple[str, ...], folder: Path) -> str:
    """The PATH, in which a folder with something hidden is replaced by links to what else is in it.

    Root without sudo gets one that runs the command.
    """
    places = []
    # Once each: /bin is /usr/bin.
    for number, place in enumerate(dict.fromkeys(map(os.path.realpath, os.environ["PATH"].split(os.pathsep)))):
        names = os.listdir(place) if os.path.isdir(place) else []
        if any(name.startswith(hidden) for name in names):
            links = folder / f"path-{number}"
            links.mkdir()
            for name in names:
                if not name.startswith(hidden):
                    (links / name).symlink_to(os.path.join(place, name))
            place = str(links)
        places.append(place)
    if os.geteuid() == 0 and not shutil.which("sudo"):
        sudo = folder / "sudo" / "sudo"
        sudo.parent.mkdir()
        sudo.write_text('#!/bin/sh\ntest "$1" != -n || shift\nexec "$@"\n')
        sudo.chmod(0o755)
        places.append(str(sudo.parent))
    return os.pathsep.join(places)


def rehearse(entry: Entry, root: Path, folder: Path, env: Mapping[str, str], artifacts: Artifacts) -> Iterator[Outcome]:
    """Run the entry's lines in a clone of its own, until one fails, as GitHub does, and pass its artifacts on."""
    print(f"\n=== {entry.name} ===", flush=True)
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(root), str(clone)], check=True)
    deadline, failed = time.monotonic() + entry.seconds, False
    for step in entry.steps:
        title, condition = str(step.get("run", step.get("uses", ""))).strip(), step.get("if")
        if condition not in (None, WHATEVER_FAILED):
            print(f"{step.get('name', title)}: not run: if {condition}", flush=True)
        elif failed and not condition:
            print(f"$ {title}\nnot run: a line before it failed", flush=True)
            if "run" in step:
                yield Outcome(entry.job, entry.name, title, None, 0, "not run")
        elif "run" in step:
            outcome = _run(entry, step, clone, env, deadline)
            failed |= outcome.word != OK
            yield outcome
        else:
            try:
                print(f"{title}: {artifacts.take(step, clone) or 'not run: an action'}", flush=True)
            except CookieproofError as error:
                print(f"FAILED: {title}: {error}", flush=True)
                failed = True
                yield Outcome(entry.job, entry.name, title, 1, 0, FAILED)
    shutil.rmtree(clone)


def not_had(output: str, entry: str) -> str:
    """Why the entry's browser cannot be had, as ``cookieproof cross-browser`` says it before it runs anything."""
    section = output.partition(f"\n== {entry} ==\n")[2].partition("\npromise")[0]
    reason = re.search(rf"^{re.escape(entry)}: {NOT_RUN}\. (.*)$", section, re.M)
    return reason[1] if reason else ""


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each line that was to run."""
    rows = [("entry", "exit", "seconds", "outcome", "line")]
    for outcome in outcomes:
        code = "-" if outcome.code is None else str(outcome.code)
        rows.append((outcome.entry, code, f"{outcome.seconds:.1f}", outcome.word, outcome.step.replace("\n", "; ")))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _run(entry: Entry, step: Mapping[str, Any], clone: Path, env: Mapping[str, str], deadline: float) -> Outcome:
    title = step["run"].strip()
    print(f"$ {title}", flush=True)
    script, log = clone.with_name("line.sh"), clone.with_name("log")
    script.write_text(step["run"])
    start = time.monotonic()
    try:
        code = _run_until(deadline, [*SHELLS[step.get("shell")], str(script)], clone, env, log)
    finally:
        _end_what_is_left(env["TMPDIR"])
    seconds = time.monotonic() - start
    output = log.read_text("utf-8", errors="replace")
    reason = next(filter(None, (not_had(output, word) for word in entry.words)), "") if code else ""
    word = NOT_HAD if reason else FAILED if code else OK
    print(f"{word}: exit code {code} after {seconds:.1f} s{f'. {reason}' if reason else ''}", flush=True)
    if word == FAILED:
        print("\n".join(f"  | {text}" for text in output.splitlines()[-LAST_LINES:]), flush=True)
    return Outcome(entry.job, entry.name, title, code, seconds, word)


def _run_until(deadline: float, command: Sequence[str], folder: Path, env: Mapping[str, str], log: Path) -> int:
    """Run the command, and return its exit code. An interrupt reaches its process group as Ctrl-C would."""
    line = None
    try:
        with log.open("wb") as file:
            with _interrupts_deferred():
                line = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                )
            return line.wait(timeout=max(0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        print("The job's timeout-minutes are over.", flush=True)
        return TIMED_OUT
    finally:
        if line and line.poll() is None:
            os.killpg(line.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                line.wait(timeout=SECONDS_TO_END)


@contextmanager
def _interrupts_deferred() -> Iterator[None]:
    """Raise KeyboardInterrupt for a Ctrl-C only after the block: in Popen it would lose a process that has begun."""
    came: list[bool] = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def _end_what_is_left(temporary: str) -> None:
    """Kill what a line has started and left, wherever it is, as GitHub's runner does. It is known by its TMPDIR."""
    told = set()

    def none_is_left() -> bool:
        left = [process for process in psutil.process_iter() if _temporary_folder(process).startswith(temporary)]
        for process in left:
            with suppress(psutil.Error):  # it ended meanwhile
                if process.pid not in told:
                    told.add(process.pid)
                    print(f"left behind, and ended: {' '.join(process.cmdline())[:100]}", flush=True)
                process.kill()
        return not left

    wait_until(none_is_left, "what a line left behind to end", 10)


def _temporary_folder(process: psutil.Process) -> str:
    try:
        # Process 1 of a container may not reap: a zombie has ended too.
        return "" if process.status() == psutil.STATUS_ZOMBIE else str(process.environ().get("TMPDIR", ""))
    except psutil.Error:  # it ended while we looked, or is not ours to look at
        return ""


@contextmanager
def _interrupted_by_any_signal() -> Iterator[None]:
    """SIGTERM and SIGHUP end the block as Ctrl-C does."""
    signals = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(each, signal.default_int_handler) for each in signals]
    try:
        yield
    finally:
        for each, handler in zip(signals, before, strict=True):
            signal.signal(each, handler)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run the workflow's run: lines here, in clean clones.")
    parser.add_argument("entries", nargs="*", metavar="ENTRY", help="of the matrix (default: all)")
    try:
        sys.exit(main(Path.cwd(), parser.parse_args().entries))
    except CookieproofError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
