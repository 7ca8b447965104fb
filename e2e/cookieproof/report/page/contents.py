"""The groups of promises, each with a link."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Run


class Contents:
    """The groups of promises, each with a link."""

    def html(self, run: Run, templates: Environment) -> Markup:
        return Markup(templates.get_template("contents.html").render(groups=run.groups))
