"""Writes the files of merged results: ``report.html``, ``junit.xml``, ``results.json`` and ``summary.md``.

And ``audit.html``, where sessions were audited.
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


def leave(results: Results, folder: Path, report: str) -> None:
    """Write the files into the folder; ``report`` is what the summary calls the report's place."""
    page.write(page.Run(folder / REPORT_FILE, title(results), results))
    write_junit(results, folder / JUNIT_FILE)
    (folder / SUMMARY_FILE).write_text(summary(results, report), encoding="utf-8")
    write(results, folder)


def starts_of(results: Results) -> str:
    """Which browsers were started how often: ``12 of Chromium 141.0``."""
    starts = Counter[str]()
    for run in results.runs:
        starts.update(run.browser_starts)
    return ", ".join(f"{count} of {browser}" for browser, count in starts.items())


def title(results: Results) -> str:
    """What the report is about: the projects, and the browsers that were started."""
    return f"{', '.join(results.projects)}: {starts_of(results) or 'no browser was started'}"
