"""``report.html``: one file for a run, in sections. To add one, write a file and name it in ``SECTIONS``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader

from cookieproof.plugin.report.check import Check
from cookieproof.plugin.report.contents import Contents
from cookieproof.plugin.report.promises import Promises
from cookieproof.plugin.report.section import Run, Section
from cookieproof.plugin.report.totals import Totals

SECTIONS: list[Section] = [Totals(), Contents(), Promises()]

__all__ = ["SECTIONS", "Check", "Run", "Section", "write"]


def write(run: Run, sections: Sequence[Section] = SECTIONS) -> None:
    """Write the report next to the artifacts that it links to."""
    # None of the run's text becomes markup.
    loader = PackageLoader("cookieproof", "plugin/report")
    templates = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    templates.filters["href"] = lambda file: Path(os.path.relpath(file, run.path.parent)).as_posix()
    parts = [section.html(run, templates) for section in sections]
    text = templates.get_template("page.html").render(title=run.title, counts=run.counts, sections=parts)
    run.path.parent.mkdir(parents=True, exist_ok=True)
    run.path.write_text(text, encoding="utf-8", errors="backslashreplace")
