"""``report.html``: one file, in sections. To add one, write a file and name it in ``SECTIONS``.

Where sessions were audited, ``audit.html`` lies beside it.
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
from cookieproof.report.page.data import data
from cookieproof.report.page.runs import Runs
from cookieproof.report.page.section import Run, Section
from cookieproof.report.page.totals import Totals

SECTIONS: list[Section] = [Totals(), Audits(), Checks(), Runs()]
# One after the other: what a picture is, what a check is, and the list of them.
SCRIPTS = ("picture.js", "check.js", "list.js")
# Of the audit's page, which has no script.
AUDIT_POLICY = "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'"
# Nothing comes from elsewhere; what the page itself has is known by its digest, and no text becomes markup.
POLICY = (
    "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src 'self' file:; "
    "media-src 'self' file:; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

__all__ = ["SECTIONS", "Run", "Section", "write"]


def write(run: Run, sections: Sequence[Section] = SECTIONS) -> None:
    """Write the report beside the artifacts that it links to."""
    # None of the run's text becomes markup.
    loader = PackageLoader("cookieproof", "report/page")
    templates = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    parts = [section.html(run, templates) for section in sections]
    style, script = _read("page.css"), "".join(map(_read, SCRIPTS))
    policy = POLICY.format(script=_digest(script), style=_digest(style))
    text = templates.get_template("page.html").render(
        policy=policy, css=Markup(style), title=run.title, counts=run.counts, sections=parts
    )
    run.path.parent.mkdir(parents=True, exist_ok=True)
    with run.path.open("wb") as file:
        file.write(text.encode("utf-8", "backslashreplace"))
        file.writelines(data(run))
        file.write(f"<script>{script}</script>\n</body>\n</html>\n".encode())
    _write_audit(run, templates)


def _write_audit(run: Run, templates: Environment) -> None:
    path, matrix = run.path.with_name(AUDIT_FILE), Matrix(run)
    if not matrix.columns:
        path.unlink(missing_ok=True)
        return
    style = _read("page.css") + _read("audit.css")
    text = templates.get_template("audit.html").render(
        policy=AUDIT_POLICY.format(style=_digest(style)),
        css=Markup(style),
        title=run.title,
        report=run.path.name,
        matrix=matrix,
    )
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
