"""The section of the report that lists its runs."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Report


class Runs:
    """Lists the runs with engine, state, machine, commit and command."""

    def html(self, report: Report, templates: Environment) -> Markup:
        return Markup(templates.get_template("runs.html").render(runs=report.results.runs))
