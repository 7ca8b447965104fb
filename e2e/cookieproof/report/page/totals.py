"""How many promises are kept, broken and not run, and what is to be known of the run."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Run


class Totals:
    """How many promises are kept, broken and not run, and what is to be known of the run."""

    def html(self, run: Run, templates: Environment) -> Markup:
        return Markup(templates.get_template("totals.html").render(counts=run.counts, title=run.title, notes=run.notes))
