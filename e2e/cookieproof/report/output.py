"""Writes the files of merged results: ``report.html``, ``junit.xml``, ``results.json`` and ``summary.md``.

And ``audit.html``, if a session was audited.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cookieproof.report import page
from cookieproof.report.files import write
from cookieproof.report.junit import write_junit
from cookieproof.report.markdown import summary
from cookieproof.report.page.audits import AUDIT_FILE
from cookieproof.report.results import RESULTS_FILE, Results

REPORT_FILE, JUNIT_FILE, SUMMARY_FILE = "report.html", "junit.xml", "summary.md"
FILES = (REPORT_FILE, JUNIT_FILE, SUMMARY_FILE, RESULTS_FILE, AUDIT_FILE)


def write_all(results: Results, folder: Path, report: str) -> None:
    """Write all files of the results into the folder, which exists; ``report`` is the report's path in the summary."""
    page.write(page.Report(folder / REPORT_FILE, title(results), results))
    write_junit(results, folder / JUNIT_FILE)
    (folder / SUMMARY_FILE).write_text(summary(results, report), encoding="utf-8")
    write(results, folder)


def starts_of(results: Results) -> str:
    """Return how many times each browser was started, in all runs: ``12 of Chromium 141.0``; empty if none was."""
    starts = Counter[str]()
    for run in results.runs:
        starts.update(run.browser_starts)
    return ", ".join(f"{count} of {browser}" for browser, count in starts.items())


def title(results: Results) -> str:
    """Return the title of the report: the projects, and the browsers that were started."""
    return f"{', '.join(results.projects)}: {starts_of(results) or 'no browser was started'}"
