"""Playwright's own full build comes first, then the system's browser"""

import subprocess
import sys
from pathlib import Path

import pytest

from cookieproof.engines import CHROMIUM, FIREFOX, Engine, StoredCookie
from cookieproof.launcher import version
from selftests.conftest import Project

WHERE = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.{}.executable_path)"
STUB = '#!/bin/sh\necho "$0 was started with $*" >&2\nexit 1\n'


@pytest.mark.parametrize("engine", [CHROMIUM, FIREFOX], ids=lambda engine: engine.name)
def test_playwrights_own_full_build_is_preferred(project: Project, engine: Engine) -> None:
    project.test("def test_it(visitor):\n    visitor.goto('/')\n")
    project.env["PLAYWRIGHT_BROWSERS_PATH"] = str(project.folder / "builds")
    where = [sys.executable, "-c", WHERE.format(engine.name)]
    own = Path(subprocess.run(where, env=project.env, capture_output=True, text=True, check=True).stdout.strip())
    own.parent.mkdir(parents=True)
    own.write_text(STUB)
    own.chmod(0o755)
    output = project.run("--site", "app:create_app", "--browser", engine.name)[1]
    assert f"{own} was started with" in output


@pytest.mark.parametrize(
    ("domain", "host", "belongs"),
    [
        ("shop.localhost", "shop.localhost", True),
        ("shop.localhost", "x.shop.localhost", False),
        (".shop.localhost", "x.shop.localhost", True),
        (".shop.localhost", "shop.localhost", True),
        (".shop.localhost", "myshop.localhost", False),
    ],
)
def test_which_host_a_cookie_belongs_to(domain: str, host: str, belongs: bool) -> None:
    cookie = StoredCookie("a", "1", domain, "/", None, http_only=False, secure=False, same_site="Lax")
    assert cookie.is_for(host) is belongs


def test_a_browser_that_does_not_say_its_version_has_none(tmp_path: Path) -> None:
    assert version(str(tmp_path / "no such browser")) == ""
