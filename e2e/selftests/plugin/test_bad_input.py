"""A user's mistake gets one or two sentences with the next step, and leaves nothing behind"""

from pathlib import Path

import pytest

from selftests.support.project import Project

VISIT = "def test_it(visitor):\n    visitor.goto('/')\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param([], 1, "No site to serve: name one with --site", id="no-site"),
        pytest.param(
            ["--site", "ap:create_app"],
            4,
            'ERROR: --site names "ap:create_app", but there is no "ap" in',
            id="misspelt-module",
        ),
        pytest.param(["--site", "shop/aap.py:create_app"], 4, "Spell it as flask --app does", id="misspelt-path"),
        pytest.param(
            ["--site", "app:create_ap"],
            1,
            "Error: Failed to find attribute 'create_ap' in 'app'.",
            id="misspelt-factory",
        ),
        pytest.param(["--site", "raises:create_app"], 1, "RuntimeError: no database today", id="factory-raises"),
        pytest.param(["--site", "app:create_app", "--output", "."], 4, "name a folder of its own", id="output-is-all"),
        pytest.param(
            ["--site", "app:create_app", "--output", "pytest.ini/out"],
            4,
            "cannot be written: Not a directory. Name another with --output.",
            id="output-not-writable",
        ),
        pytest.param(
            ["--site", "app:create_app", "--basetemp", "pytest.ini/in/tmp"],
            4,
            "of --basetemp cannot be made: Not a directory. Name another with --basetemp.",
            id="basetemp-not-writable",
        ),
        pytest.param(
            ["--site", "app:create_app", "--headed"], 4, "--headed needs a display and there is none", id="no-display"
        ),
        pytest.param(
            ["--site", "app:create_app", "--browser", "chromium", "--browser", "firefox"],
            4,
            "One run is one browser",
            id="two-browsers",
        ),
    ],
)
def test_it_is_said_in_a_sentence(project: Project, arguments: list[str], code: int, says: str) -> None:
    project.test(VISIT)
    (project.folder / "raises.py").write_text("def create_app():\n    raise RuntimeError('no database today')\n")
    returned, output = project.run(*arguments)
    assert says in output
    assert returned == code, output
    assert "INTERNALERROR" not in output
    assert "/cookieproof/" not in output  # no traceback through the harness
    assert project.left_behind() == []


def test_a_near_miss_is_suggested(project: Project) -> None:
    project.test(VISIT)
    assert 'Did you mean "app.py"?' in project.run("--site", "aap.py:create_app")[1]


def test_a_mistake_in_the_configuration_is_a_sentence(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text("use = {'trace': 'onn'}")
    code, output = project.run()
    assert "ERROR: playwright.config.py: use['trace'] is 'onn'; allowed: 'on', 'off', 'retain-on-failure'." in output
    assert code == 4


def test_every_name_of_skip_browser_and_only_browser_counts(project: Project) -> None:
    project.test(
        """
import pytest

@pytest.mark.skip_browser("webkit", "chromium")
def test_skipped(site):
    pass

@pytest.mark.only_browser("webkit", "chromium")
def test_runs(browser_name):
    assert browser_name == "chromium"

@pytest.mark.only_browser("firefox", "webkit")
class TestOthers:
    def test_skipped_too(self, browser_name):
        pass
"""
    )
    result = project.run("--site", "app:create_app", "-rs")
    result.assert_outcomes(passed=1, skipped=2)
    assert "runs only on firefox" in result.output
    assert "runs only on firefox and webkit" in result.output
    project.test("import pytest\n@pytest.mark.skip_browser('firefox', 'chrmium')\ndef test_it():\n    pass\n")
    code, output = project.run()
    assert "skip_browser names 'chrmium'; allowed: chromium, firefox, webkit. Did you mean \"chromium\"?" in output
    assert code == 4


def test_no_browser_and_a_snap_are_told_apart(project: Project) -> None:
    project.test(VISIT)
    programs = project.folder / "programs"
    programs.mkdir()
    project.env |= {"PATH": str(programs), "PLAYWRIGHT_BROWSERS_PATH": str(project.folder / "none")}
    code, output = project.run("--site", "app:create_app")
    assert 'Chromium is not here. Run "python -m cookieproof install"' in output
    assert code == 1

    snap = programs / "chromium-browser"
    snap.write_text('#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    snap.chmod(0o755)
    code, output = project.run("--site", "app:create_app")
    assert "chromium-browser is a snap, which can neither use a profile of ours" in output
    assert code == 1
    assert project.left_behind() == []


def test_a_browser_that_does_not_start_is_quoted(project: Project, tmp_path: Path) -> None:
    project.test(VISIT)
    programs = project.folder / "programs"
    programs.mkdir()
    broken = programs / "chromium"
    broken.write_text("#!/bin/sh\necho 'a library is missing' >&2\nexit 127\n")
    broken.chmod(0o755)
    project.env |= {
        "PATH": f"{programs}:{project.env['PATH']}",
        "PLAYWRIGHT_BROWSERS_PATH": str(project.folder / "none"),
    }
    code, output = project.run("--site", "app:create_app")
    assert "Chromium did not start." in output, output
    assert "a library is missing" in output
    assert code == 1
    assert project.left_behind() == []


def test_what_a_visitor_cannot_take_is_refused(project: Project) -> None:
    project.test(
        "import pytest\n"
        "@pytest.mark.browser_context_args(storage_state='state.json')\n"
        "def test_it(visitor):\n    visitor.goto('/')\n"
    )
    code, output = project.run("--site", "app:create_app")
    assert "cannot take the option 'storage_state'" in output
    assert code == 1
