"""doctor says of each browser what works here, and what to do about the rest"""

import re

import pytest

from cookieproof.commands import doctor
from selftests.support.project import Project


def test_what_works_what_does_not_and_what_is_not_here(project: Project) -> None:
    project.env["PLAYWRIGHT_BROWSERS_PATH"] = str(project.folder / "builds")  # empty
    code, said = project.command("cookieproof", "doctor", "chromium", "webkit")
    assert code == 0, said
    assert re.search(r"^ +version +clock +https +trace +screenshot +video$", said, re.M)
    assert re.search(r"^Chromium +\d+\.[\d.]+ +works +works +works +works +none$", said, re.M)
    assert re.search(r"^WebKit +not here$", said, re.M)
    assert "Chromium: no video: Playwright's ffmpeg is not here (`python -m playwright install ffmpeg` gets it)" in said
    assert 'WebKit is not here. Run "python -m cookieproof install webkit"' in said
    assert "No display: put `xvfb-run -a` in front of a headed run." in said
    assert project.left_behind() == []


def test_what_is_here_and_fails(project: Project) -> None:
    browser = project.folder / "chromium"
    browser.write_text("#!/bin/sh\necho no library, no browser >&2\nexit 1\n")
    browser.chmod(0o755)
    builds = str(project.folder / "builds")
    project.env |= {"PATH": f"{browser.parent}:{project.env['PATH']}", "PLAYWRIGHT_BROWSERS_PATH": builds}
    code, said = project.command("cookieproof", "doctor", "chromium")
    assert code == 1
    assert re.search(r"^Chromium +here FAILS$", said, re.M)
    assert "no library, no browser" in said
    assert project.left_behind() == []


@pytest.mark.parametrize(
    ("cells", "code"),
    [(["153", "works", "works"], 0), (["not here"], 0), (["153", "works", "FAILS"], 1), (["153 FAILS"], 1)],
)
def test_one_that_is_here_and_fails_is_not_outweighed_by_one_that_works(
    cells: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"chromium": ["156", "works", "works"], "firefox": cells}
    monkeypatch.setattr(doctor, "_examine", lambda engine: (rows[engine.name], []))
    assert doctor.main(["chromium", "firefox"]) == code
