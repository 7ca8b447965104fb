"""The checks: what filters them. The rows are drawn by the page's script, from the data in the page."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Run
from cookieproof.report.results import VERDICTS, WITHOUT_A_SITE


class Checks:
    """Search, filters, and the place for the rows."""

    def html(self, run: Run, templates: Environment) -> Markup:
        shards = {str(each.shard.number) for each in run.results.runs if each.shard}
        groups = {check.group or WITHOUT_A_SITE for check in run.checks}
        choices = [
            ("Project", "all projects", run.results.projects),
            ("Shard", "all shards", sorted(shards, key=int)),
            ("Group", "all promises", sorted(groups)),
        ]
        return Markup(
            templates.get_template("checks.html").render(
                counts=run.counts, verdicts=VERDICTS, choices=choices, projects=len(run.results.projects)
            )
        )
