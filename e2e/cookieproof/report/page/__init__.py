"""``report.html``: one file for a run, in sections. To add one, write a file and name it in ``SECTIONS``."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from jinja2 import Environment, PackageLoader

from cookieproof.report.page.contents import Contents
from cookieproof.report.page.promises import Promises
from cookieproof.report.page.section import Run, Section
from cookieproof.report.page.totals import Totals

SECTIONS: list[Section] = [Totals(), Contents(), Promises()]

__all__ = ["SECTIONS", "Run", "Section", "write"]


def write(run: Run, sections: Sequence[Section] = SECTIONS) -> None:
    """Write the report beside the artifacts that it links to."""
    # None of the run's text becomes markup.
    loader = PackageLoader("cookieproof", "report/page")
    templates = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    templates.filters["data"] = msgspec.json.decode
    parts = [section.html(run, templates) for section in sections]
    text = templates.get_template("page.html").render(title=run.title, counts=run.counts, sections=parts)
    run.path.parent.mkdir(parents=True, exist_ok=True)
    run.path.write_text(text, encoding="utf-8", errors="backslashreplace")
