"""The section of the report with all checks. The page's script draws their rows, from the data in the page."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Report
from cookieproof.report.results import VERDICTS, WITHOUT_A_SITE


class Checks:
    """Shows the search field, the filters, and the element in which the script draws the rows."""

    def html(self, report: Report, templates: Environment) -> Markup:
        shards = {str(each.shard.number) for each in report.results.runs if each.shard}
        groups = {check.group or WITHOUT_A_SITE for check in report.checks}
        choices = [
            ("Project", "all projects", report.results.projects),
            ("Shard", "all shards", sorted(shards, key=int)),
            ("Group", "all promises", sorted(groups)),
        ]
        return Markup(
            templates.get_template("checks.html").render(
                counts=report.counts, verdicts=VERDICTS, choices=choices, projects=len(report.results.projects)
            )
        )
