"""``python -m cookieproof cross-browser``: one project after another, and a table of promises and projects.

Each run is a pytest of its own, since one run is one project. Their JUnit files are
joined in one, and the table is read from it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from cookieproof import settings
from cookieproof.browser.engines import choose
from cookieproof.commands.columns import COLUMNS, NOT_RUN
from cookieproof.commands.install import install
from cookieproof.commands.table import table
from cookieproof.errors import CookieproofError
from cookieproof.site import kinds


def main(names: Sequence[str], pytest_arguments: Sequence[str]) -> int:
    """Run the named projects, or all that can be had here.

    Returns the exit code: 0 unless a run failed, nothing ran, or a project that was named
    cannot be had and the settings are strict.
    """
    read = settings.load(Path.cwd(), kinds.keys())
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
    told = {name: missing.get(name, "") for name in projects}
    print("\n" + table(joined, [column for make in COLUMNS for column in make(told)]))
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
