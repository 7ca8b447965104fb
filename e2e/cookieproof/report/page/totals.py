"""How many promises are kept, flaky, broken and not run, and what is to be known of the runs."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Run
from cookieproof.report.results import VERDICTS


class Totals:
    """How many promises are kept, flaky, broken and not run, and what is to be known of the runs."""

    def html(self, run: Run, templates: Environment) -> Markup:
        warnings = sum(1 for each in run.checks if each.audited and each.audited.outcome == "warning")
        return Markup(
            templates.get_template("totals.html").render(
                counts=run.counts,
                verdicts=VERDICTS,
                title=run.title,
                notes=run.notes,
                total=len(run.checks),
                warnings=warnings,
            )
        )
