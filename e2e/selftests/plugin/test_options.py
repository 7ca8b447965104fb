"""What playwright.config.py sets reaches browser and pytest, and an option on the command line wins"""

from selftests.support.project import Project

CONFIG = """
web_server = {"app": "app:create_app"}
use = {
    "trace": "on",
    "screenshot": "on",
    "slow_mo": 3,
    "locale": "de-DE",
    "timezone_id": "Asia/Tokyo",
    "viewport": {"width": 400, "height": 300},
    "launch_options": {"args": ["--force-dark-mode"]},
    "context_options": {"reduced_motion": "reduce"},
}
expect = {"timeout": 1234}
timeout = 50_000
output_dir = "out"
"""
SEEN = """
from playwright.sync_api import expect
import pytest

SCRIPT = '''() => [navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone, innerWidth,
    matchMedia("(prefers-reduced-motion)").matches]'''

def test_it(visitor, page, pytestconfig, browser_type_launch_args):
    visitor.goto("/")
    page.goto("/")
    assert visitor.page.evaluate(SCRIPT) == page.evaluate(SCRIPT) == ["de-DE", "Asia/Tokyo", 400, True]
    assert "--force-dark-mode" in browser_type_launch_args["args"]
    assert browser_type_launch_args["slow_mo"] == 3
    with pytest.raises(AssertionError, match="1234ms"):
        expect(visitor.page.get_by_text("nothing like it")).to_be_visible()
    assert pytestconfig.option.tracing == "on"
    assert pytestconfig.option.timeout == 50
"""


def test_what_the_file_says_reaches_the_browser_and_the_command_line_wins(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(CONFIG)
    project.test(SEEN)
    project.run("-n", "1").assert_outcomes(passed=1)
    assert {path.suffix for path in project.folder.glob("out/test-it*/visitor*")} == {".zip", ".png"}

    project.test(
        "def test_it(visitor, pytestconfig):\n    visitor.goto('/')\n    assert pytestconfig.option.timeout == 40\n"
    )
    project.run("--tracing", "off", "--timeout=40", "--output", "elsewhere").assert_outcomes(passed=1)
    assert {path.suffix for path in project.folder.glob("elsewhere/test-it*/visitor*")} == {".png"}


def test_temporary_folders_may_be_in_the_usual_output_folder_while_another_is_named(project: Project) -> None:
    """As in this project's own pyproject.toml; pytest makes only the last folder of ``--basetemp``."""
    project.test("def test_it(tmp_path):\n    assert tmp_path.is_dir()\n")
    for workers in ([], ["-n", "1"]):
        result = project.run(f"--basetemp=results-{len(workers)}/tmp", "--output=elsewhere", *workers)
        result.assert_outcomes(passed=1)


def test_expectations_may_be_told_not_to_wait(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text("expect = {'timeout': 0}\n")
    project.test("from playwright.sync_api import expect\n\ndef test_it():\n    assert expect._timeout == 0\n")
    project.run().assert_outcomes(passed=1)


def test_a_device_by_its_name(project: Project) -> None:
    (project.folder / "playwright.config.py").write_text(
        "web_server = {'app': 'app:create_app'}\nuse = {'device': 'iPhone 13'}\n"
    )
    project.test("def test_it(visitor):\n    assert 'iPhone' in visitor.page.evaluate('navigator.userAgent')\n")
    project.run().assert_outcomes(passed=1)
    result = project.run("--device", "iPhone 133")
    assert 'The device "iPhone 133" is none of playwright.devices. Did you mean "iPhone 13' in result.output
    result.assert_outcomes(errors=1)
