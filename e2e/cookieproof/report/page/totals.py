"""The section at the top of the report, with the totals."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Report
from cookieproof.report.results import VERDICTS


class Totals:
    """Shows how many promises have each verdict, how many audit requirements warn, and the notes of all runs."""

    def html(self, report: Report, templates: Environment) -> Markup:
        warnings = sum(1 for each in report.checks if each.audited and each.audited.outcome == "warning")
        return Markup(
            templates.get_template("totals.html").render(
                counts=report.counts,
                verdicts=VERDICTS,
                title=report.title,
                notes=report.notes,
                total=len(report.checks),
                warnings=warnings,
            )
        )
