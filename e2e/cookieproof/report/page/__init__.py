"""Writes ``report.html``, one file in sections, and ``audit.html`` beside it if a session was audited.

To add a section, write a file with a ``Section``, and name it in ``SECTIONS``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from cookieproof.report.page.audits import AUDIT_FILE, Audits, Matrix
from cookieproof.report.page.checks import Checks
from cookieproof.report.page.data import data_elements
from cookieproof.report.page.runs import Runs
from cookieproof.report.page.section import Report, Section
from cookieproof.report.page.totals import Totals
from cookieproof.words import counted

SECTIONS: list[Section] = [Totals(), Audits(), Checks(), Runs()]
# In this order: each script uses names of those before it.
SCRIPTS = ("picture.js", "check.js", "list.js")
# The Content-Security-Policy of audit.html, which has no script.
AUDIT_POLICY = "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
# The Content-Security-Policy of report.html: only the page's own script and style, which are known by their digests,
# and no text becomes markup (trusted types).
POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src 'self' file:; "
    "media-src 'self' file:; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

__all__ = ["SECTIONS", "Report", "Section", "write"]


def write(report: Report, sections: Sequence[Section] = SECTIONS) -> None:
    """Write the report to its path, with these sections; its links to artifacts are relative to its folder.

    ``audit.html`` beside it is written, or removed if no session was audited.
    """
    loader = PackageLoader("cookieproof", "report/page")
    templates = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    templates.filters["counted"] = counted
    parts = [section.html(report, templates) for section in sections]
    style, script = _read("page.css"), "".join(map(_read, SCRIPTS))
    policy = POLICY.format(script=_digest(script), style=_digest(style))
    text = templates.get_template("page.html").render(
        policy=policy, css=Markup(style), title=report.title, counts=report.counts, sections=parts
    )
    report.path.parent.mkdir(parents=True, exist_ok=True)
    with report.path.open("wb") as file:
        file.write(text.encode("utf-8", "backslashreplace"))
        file.writelines(data_elements(report))
        file.write(f"<script>{script}</script>\n</body>\n</html>\n".encode())
    _write_audit(report, templates)


def _write_audit(report: Report, templates: Environment) -> None:
    path, matrix = report.path.with_name(AUDIT_FILE), Matrix(report)
    if not matrix.columns:
        path.unlink(missing_ok=True)
        return
    style = _read("page.css") + _read("audit.css")
    text = templates.get_template("audit.html").render(
        policy=AUDIT_POLICY.format(style=_digest(style)),
        css=Markup(style),
        title=report.title,
        report=report.path.name,
        matrix=matrix,
    )
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
