"""audit exits with 0 only if something passed and nothing failed, and takes what audit_sessions takes"""

from __future__ import annotations

import io

import pytest

from cookieproof.commands.audit import Progress
from cookieproof.promises.audit.audit import chosen
from cookieproof.promises.audit.finding import passed
from selftests.support.audited import SIGNING, SITE
from selftests.support.project import Project

# The page alone knows who is signed in, so that nothing can be decided from outside.
BY_ITSELF = """
from flask import Flask

def create_app():
    app = Flask(__name__)
    shown = "document.body.innerText = localStorage.name ? `Signed in as ${localStorage.name}` : 'Nobody'"
    app.get("/")(lambda: f"<!doctype html><title>Page</title><body><script>{shown}</script>")
    return app
"""
SIGNING_BY_ITSELF = """
from cookieproof import Account

def signing_in(visitor):
    visitor.goto("/")
    visitor.page.evaluate("localStorage.name = 'Ada'")

ACCOUNT = Account(signing_in, private="/", shows="Signed in as Ada")
"""


@pytest.mark.whole_browser
@pytest.mark.timeout(300)
def test_what_proves_nothing_exits_with_1(project: Project) -> None:
    (project.folder / "page.py").write_text(BY_ITSELF)
    (project.folder / "signing.py").write_text(SIGNING_BY_ITSELF)
    (project.folder / "test_it.py").write_text(
        "from cookieproof import audit_sessions\nfrom signing import ACCOUNT\ntest_session = audit_sessions(ACCOUNT)\n"
    )
    code, said = project.command("cookieproof", "audit", "signing.py:ACCOUNT", "--site", "page:create_app")
    assert (code, "No requirement passed, so nothing is proven" in said) == (1, True), said
    result = project.run("--site", "page:create_app", "-k", "Secure or decides or idle")
    result.assert_outcomes(skipped=3)
    assert "test_it.py::test_session: No requirement passed, so nothing is proven" in result.output


@pytest.mark.whole_browser
@pytest.mark.timeout(300)
def test_what_is_accepted_fails_nothing_and_rows_are_in_the_order_of_the_wstg(project: Project) -> None:
    (project.folder / "signing.py").write_text(SIGNING.format("no-httponly"))
    signing = project.folder / "signing.py"
    signing.write_text(signing.read_text().replace("host=", "ends_with_browser=True, host="))
    accepted = (
        "--accept",
        "WSTG-SESS-02 scripts cannot read the session=an old device",
        "--accept",
        "the session ends with the browser=idle= ends it",
    )
    code, said = project.command("cookieproof", "audit", "signing.py:ACCOUNT", "--site", SITE, *accepted, "--strict")
    assert code == 0, said
    assert "accepted: an old device" in said
    assert "accepted: idle= ends it" in said  # Chromium continues where it was left
    assert "values (" in said  # how many were compared
    rows = [line[15:] for line in said.splitlines() if line[15:].startswith("WSTG-")]
    assert rows == sorted(rows)


def test_bad_options_are_a_sentence(project: Project) -> None:
    (project.folder / "signing.py").write_text(SIGNING.format("right"))
    for options, why in (
        (["signing.py:ACCOUNT", "--attempts", "1"], "audit_sessions: attempts=1 is too few"),
        (["signing.py:ACCOUNT", "--attempts", "0"], "audit_sessions: attempts=0 is too few"),
        (["signing.py:ACCOUNT", "--accept", "v5.0.0-3.3.4"], 'audit --accept "v5.0.0-3.3.4" gives no reason'),
        (["signing.py:ACCOUNT", "--accept", "v5.0.0-3.3.4="], "audit_sessions: accept['v5.0.0-3.3.4'] gives no reason"),
        (["signing.py:ACCOUNT", "--accept", "x=y"], "audit_sessions: accept names 'x', which is not asked at level 2"),
        (["signin.py:ACCOUNT"], 'Spell it "signing.py:ACCOUNT"'),
    ):
        code, said = project.command("cookieproof", "audit", *options, "--site", SITE)
        assert (code, why in said) == (1, True), said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_written_for_a_person_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, written in ((Terminal(), f"1/3 {chosen(1)[0].test_name}: passed\n"), (io.StringIO(), "")):
        monkeypatch.setattr("sys.stderr", stream)
        Progress(3)(chosen(1)[0], passed())
        assert stream.getvalue() == written
