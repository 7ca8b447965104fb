"""``python -m cookieproof cross-browser``: runs one project after another, and prints a table of promises by project.

Each run is a pytest process of its own, since one run is one project. The table shows their merged results.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cookieproof import settings
from cookieproof.browser.engines import choose
from cookieproof.commands.install import install
from cookieproof.errors import CookieproofError
from cookieproof.report.columns import NOT_RUN
from cookieproof.report.files import forget, found_in
from cookieproof.report.merging import merge_in_place
from cookieproof.report.metadata import not_had
from cookieproof.report.output import REPORT_FILE, write_all
from cookieproof.report.table import columns_of, table
from cookieproof.site import kinds
from cookieproof.words import printable


def main(names: Sequence[str], pytest_arguments: Sequence[str]) -> int:
    """Run the projects of these names, or all whose browser is installed, each with these arguments for pytest.

    Returns the exit code: 1 if a run failed, nothing ran, or the settings are strict and a project that ``names`` has
    cannot be run; else 0. Raises ``CookieproofError`` if there are no projects.
    """
    read = settings.load(Path.cwd(), kinds.keys())
    projects = list(names) or [project["name"] for project in read.projects]
    if not projects:
        raise CookieproofError(f"{settings.FILE} has no projects: give it some, such as [{{'name': 'chromium'}}].")
    folder = Path(read.output_dir)
    runs: dict[str, Path] = {}
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
        forget(output)  # pytest does not empty the folder if it refuses its arguments
        command = [sys.executable, "-m", "pytest", "--project", name, f"--output={output}"]
        command.append(f"--junitxml={output / 'junit.xml'}")
        failed |= subprocess.run([*command, *pytest_arguments], check=False).returncode != 0
        if output in found_in(output):
            runs[name] = output
    folder.mkdir(parents=True, exist_ok=True)
    merged = merge_in_place(folder, runs, [not_had(name, why) for name, why in missing.items()])
    write_all(merged.results, folder, str(folder / REPORT_FILE))
    print("\n" + table(merged.results, columns_of(merged.results, projects)))
    for remark in merged.results.remarks:
        print(printable(remark))
    of_each = f", of each project: {', '.join(map(str, runs.values()))}" if runs else ""
    print(f"report: {folder / REPORT_FILE}{of_each}")
    return int(failed or not runs or bool(merged.exit_code()) or bool(names and missing and read.strict))
