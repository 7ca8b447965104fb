"""Processes of the shop that start at once, where nothing has been made yet, all serve"""

import json
import subprocess
import sys
from pathlib import Path


def test_eight_processes_make_each_store_and_the_shops_database_between_them(tmp_path: Path) -> None:
    here = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-W", "error", here / "apps" / "eight_at_once.py", tmp_path],
        env={"PYTHONPATH": str(here.parents[1] / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == dict.fromkeys(["cookie", "file", "sql"], ["serves"] * 8)
