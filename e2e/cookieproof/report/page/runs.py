"""The runs that the report is about: their machines, commits and commands."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Run


class Runs:
    """The runs that the report is about: their machines, commits and commands."""

    def html(self, run: Run, templates: Environment) -> Markup:
        return Markup(templates.get_template("runs.html").render(runs=run.results.runs))
