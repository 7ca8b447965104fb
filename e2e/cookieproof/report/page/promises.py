"""Each check, with a picture of what became of its cookies."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Run

COLUMN, LANE, TOP, LEFT = 30, 26, 140, 210  # pixels of the picture


class Promises:
    """Each check, with a picture of what became of its cookies."""

    def html(self, run: Run, templates: Environment) -> Markup:
        return Markup(
            templates.get_template("promises.html").render(
                groups=run.groups, column=COLUMN, lane=LANE, top=TOP, left=LEFT
            )
        )
