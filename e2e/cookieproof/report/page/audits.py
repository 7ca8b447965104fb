"""The session audits: what each requirement came to, with its source and the evidence."""

from __future__ import annotations

from jinja2 import Environment
from markupsafe import Markup

from cookieproof.report.page.section import Run

# How an outcome looks: as that of a check does.
LOOKS = {"passed": "kept", "failed": "broken", "warning": "flaky", "accepted": "flaky"}


class Audits:
    """A row for each requirement of each audit; nothing where there is none."""

    def html(self, run: Run, templates: Environment) -> Markup:
        audited = [(each, each.audited) for each in run.checks if each.audited]
        if not audited:
            return Markup("")
        rows = sorted(audited, key=lambda row: (row[0].project, row[0].group or "", row[1].name))
        projects = len(run.results.projects) > 1
        return Markup(templates.get_template("audits.html").render(rows=rows, looks=LOOKS, projects=projects))
