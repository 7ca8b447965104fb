"""What a command sets up it demands, and what it never sets up is skipped with the reason, wherever it runs"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cookieproof import CookieproofError
from cookieproof.plugin.options import required
from selftests.support.documents import ROOT
from selftests.support.project import Project, Result

MISSING = "def test_it(missing):\n    missing('redis', 'There is no Redis.')\n"


@pytest.mark.parametrize(
    ("file", "arguments", "outcomes", "says"),
    [
        ("", [], {"skipped": 1}, "There is no Redis."),
        ("require = ['redis']", [], {"failed": 1}, "There is no Redis. This run must have it: --require redis."),
        (
            "",
            ["--require", "xvfb, reds"],
            {},
            "ERROR: --require names 'reds'; allowed: chromium, ",
        ),
    ],
)
def test_what_is_missing(
    project: Project, file: str, arguments: list[str], outcomes: dict[str, int], says: str
) -> None:
    project.env["CI"] = "true"  # which decides nothing here
    project.test(MISSING)
    (project.folder / "playwright.config.py").write_text(file)
    result = project.run("-rs", *arguments)
    assert says in result.output
    if outcomes:
        result.assert_outcomes(**outcomes)
    else:  # it is refused before pytest collects a test
        assert result.code == pytest.ExitCode.USAGE_ERROR


def test_the_command_line_wins_and_a_misspelt_name_is_refused() -> None:
    assert required(None, ["redis"]) == ["redis"]
    assert required("xvfb, firefox", ["redis"]) == ["xvfb", "firefox"]
    assert required("", ["redis"]) == []
    with pytest.raises(CookieproofError, match=r'playwright.config.py: require names .*Did you mean "redis"\?'):
        required(None, ["reds"])


def test_which_command_demands_what() -> None:
    def demands(target: str, ci: str) -> bool:
        # The set-up is not the matter here: as if its stamps were there.
        told = ["make", "-n", "-o", ".venv/ready", "-o", ".venv/for-tests", target, f"CI={ci}"]
        said = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert "pytest" in said or "cross-browser" in said
        return "--require redis,xvfb,firefox,chromium-headless-shell" in said

    targets = ("test", "e2e", "headed", "cross-browser")
    assert [target for target in targets if demands(target, "true")] == ["test"]
    assert not demands("test", "")


def test_the_shops_checks_on_redis_are_skipped_without_one(tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for folder in reversed(os.environ["PATH"].split(os.pathsep)):
        for program in Path(folder).glob("*"):
            (programs / program.name).unlink(missing_ok=True)
            (programs / program.name).symlink_to(program)
    (programs / "redis-server").unlink(missing_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment |= {"CI": "true", "PATH": str(programs), "PYTHONPATH": str(ROOT / "e2e")}
    check = "e2e/tests/stores/test_session_stores.py::test_signing_out_deletes_the_record_and_with_it_every_copy"
    options = [
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
        "-k",
        "redis",
        f"--output={tmp_path / 'out'}",
        f"--basetemp={tmp_path / 't'}",
    ]
    command = [sys.executable, "-m", "pytest", check, *options]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert "There is no redis-server here" in run.stdout, run.stdout + run.stderr
    Result(run.returncode, run.stdout).assert_outcomes(skipped=1)
    assert run.returncode == 0
