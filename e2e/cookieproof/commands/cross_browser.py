"""``python -m cookieproof cross-browser``: one project after another, and a table of promises and projects.

Each run is a pytest of its own, since one run is one project. Their JUnit files are
joined in one, and the table is read from it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from cookieproof import settings
from cookieproof.browser.engines import BROWSERS, choose
from cookieproof.commands.install import install
from cookieproof.errors import CookieproofError

MOST_WIDTH = 76
KEPT, BROKEN, DIFFERS, NOT_RUN = "kept", "BROKEN", "differs", "not run"


@dataclass
class Verdict:
    """What one project's run says of one promise, and why if it is not simply kept."""

    word: str
    why: str = ""


def main(names: Sequence[str], pytest_arguments: Sequence[str]) -> int:
    """Run the named projects, or all that can be had here.

    Returns the exit code: 0 unless a run failed, nothing ran, or a project that was named
    cannot be had and the settings are strict.
    """
    read = settings.load(Path.cwd())
    projects = list(names) or [project["name"] for project in read.projects]
    if not projects:
        raise CookieproofError(f"{settings.FILE} has no projects: give it some, such as [{{'name': 'chromium'}}].")
    folder = Path(read.output_dir)
    suites: dict[str, ElementTree.Element] = {}
    missing, failed = {}, False
    for name in projects:
        use = read.for_run(name, None)[1].use
        channel = use.get("channel")
        print(f"\n== {name} ==", flush=True)
        try:
            print(f"{install(choose(use.get('browser', 'chromium'), channel), channel)} works.", flush=True)
        except CookieproofError as error:
            missing[name] = str(error).splitlines()[0]
            print(f"{name}: {NOT_RUN}. {missing[name]}", flush=True)
            continue
        output = folder / name
        junit = output / "junit.xml"
        command = [sys.executable, "-m", "pytest", "--project", name, f"--output={output}", f"--junitxml={junit}"]
        failed |= subprocess.run([*command, *pytest_arguments], check=False).returncode != 0
        if junit.exists():
            suites[name] = ElementTree.parse(junit).getroot()
    folder.mkdir(parents=True, exist_ok=True)
    joined = join(suites)
    ElementTree.ElementTree(joined).write(folder / "junit.xml", encoding="utf-8", xml_declaration=True)
    print("\n" + table(projects, joined, missing))
    print(f"reports: {', '.join(f'{folder / name}/report.html' for name in suites)}, joined: {folder}/junit.xml")
    return int(failed or not suites or bool(names and missing and read.strict))


def join(suites: Mapping[str, ElementTree.Element]) -> ElementTree.Element:
    """One JUnit root of several, in which each suite has its project's name."""
    root = ElementTree.Element("testsuites")
    for name, found in suites.items():
        for suite in found.iter("testsuite"):
            suite.set("name", name)
            root.append(suite)
    return root


def table(projects: Sequence[str], joined: ElementTree.Element, missing: Mapping[str, str]) -> str:
    """A line for each promise, a column for each project, and below it the reasons for all but "kept"."""
    found: dict[str, dict[str, dict[str, Verdict]]] = {}  # by group, promise and project
    for suite in joined:
        for case in suite.iter("testcase"):
            properties = [(each.get("name"), each.get("value", "")) for each in case.iter("property")]
            group = dict(properties).get("promise")
            if group is not None:
                promises = found.setdefault(group, {})
                promises.setdefault(_words(case), {})[suite.get("name", "")] = _verdict(case, properties)
    width = min(MOST_WIDTH, max((len(promise) + 2 for promises in found.values() for promise in promises), default=0))
    headings = [project.ljust(len(NOT_RUN)) for project in projects]
    lines = ["  ".join(["promise".ljust(width), *headings]).rstrip()]
    reasons: dict[str, list[str]] = {f"{name}: {NOT_RUN}. {why}": [] for name, why in missing.items()}
    for group, promises in sorted(found.items()):
        lines.append(group)
        for promise, verdicts in promises.items():
            cells = [verdicts.get(project, Verdict(NOT_RUN)) for project in projects]
            words = [cell.word.ljust(len(heading)) for cell, heading in zip(cells, headings, strict=True)]
            lines.append("  ".join([f"  {promise}"[:width].ljust(width), *words]).rstrip())
            for project, cell in zip(projects, cells, strict=True):
                if cell.why:
                    reasons.setdefault(f"{project}: {cell.word}. {cell.why}", []).append(promise)
    for reason, about in reasons.items():
        some = f" ({about[0]}{f', and {len(about) - 1} more' if about[1:] else ''})" if about else ""
        lines.append(f"{reason}{some}")
    return "\n".join(lines)


def _words(case: ElementTree.Element) -> str:
    """The test's name as a sentence, the same in every project."""
    function, _, parameters = case.get("name", "").removesuffix("]").partition("[")
    others = [part for part in parameters.split("-") if part and part not in BROWSERS]
    return function.removeprefix("test_").replace("_", " ") + (f" [{'-'.join(others)}]" if others else "")


def _verdict(case: ElementTree.Element, properties: Sequence[tuple[str | None, str]]) -> Verdict:
    for kind, word in (("failure", BROKEN), ("error", BROKEN), ("skipped", NOT_RUN)):
        if (found := case.find(kind)) is not None:
            return Verdict(word, found.get("message", "").strip().partition("\n")[0])
    differs = "; ".join(value for name, value in properties if name == "differs")
    return Verdict(DIFFERS, f"As declared: {differs}") if differs else Verdict(KEPT)
