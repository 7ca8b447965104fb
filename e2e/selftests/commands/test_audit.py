"""audit prints what each requirement came to, and exits with 1 if one failed"""

from __future__ import annotations

import re

import pytest

from selftests.support.audited import SIGNING, SITE
from selftests.support.project import Project


@pytest.mark.whole_browser
@pytest.mark.timeout(300)
def test_the_table_is_printed(project: Project) -> None:
    (project.folder / "signing.py").write_text(SIGNING.format("no-httponly"))
    code, said = project.command("cookieproof", "audit", "signing.py:ACCOUNT", "--site", SITE, "--level", "2")
    assert code == 1, said
    for line in (
        r"^failed +WSTG-SESS-02 scripts cannot read the session \(ASVS v5.0.0-3.3.4, level 2\)$",
        r'^ +the cookie "__Host-id" is held without HttpOnly',
        r"^passed +WSTG-SESS-01 the server decides who is signed in \(ASVS v5.0.0-7.2.1, level 1\)$",
        r"^not asked +WSTG-SESS-07 an idle session ends",
        r"^1 failed, \d+ not asked, \d+ passed$",
    ):
        assert re.search(line, said, re.M), (line, said)


def test_what_is_no_account_is_said(project: Project) -> None:
    (project.folder / "signing.py").write_text("ACCOUNT = 1")
    for spelled, why in (
        ("signing.py", 'audit "signing.py" names no account'),
        ("signing.py:ACCOUNT", "audit signing.py:ACCOUNT is no Account"),
        ("signing.py:account", 'audit signing.py:account: "account" is not there. Did you mean "ACCOUNT"?'),
    ):
        code, said = project.command("cookieproof", "audit", spelled, "--site", SITE)
        assert (code, why in said) == (1, True), said
