"""The shop's checks are split in groups of equal time, by the durations that are committed"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import mean

from selftests.support import all_groups
from selftests.support.documents import ROOT
from selftests.support.project import ENVIRONMENT

MOST = 1.25  # times the mean, the longest group may take
DURATIONS = ROOT / ".test_durations"


def test_the_longest_of_2_4_and_8_groups_takes_about_as_long_as_the_others(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "e2e/tests", "--collect-only", "-q", "--splits", "2", "--group", "1"]
    plugins = ["-p", "selftests.support.all_groups", "-p", "no:hypothesispytest", "-p", "no:cacheprovider"]
    env = ENVIRONMENT | {all_groups.FILE: str(tmp_path / "groups.json")}
    said = subprocess.run([*command, *plugins], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    found = json.loads((tmp_path / "groups.json").read_text())
    stored: dict[str, float] = json.loads(DURATIONS.read_text())
    known = [stored[name] for name in found["all"] if name in stored]
    assert len(known) > 0.8 * len(found["all"]), "Many checks have no duration: run `make e2e`, and commit the file."
    seconds = {name: stored.get(name, mean(known)) for name in found["all"]}
    for splits, groups in found["groups"].items():
        assert sorted(name for group in groups for name in group) == sorted(found["all"])
        for each in ("::test_lifetimes[", "::test_lifetimes_of_a_sign_in["):
            lists = [[name for name in group if each in name] for group in groups]
            assert [bool(found) for found in lists].count(True) == 1, lists
        took = [sum(seconds[name] for name in group) for group in groups]
        print(f"{splits} groups: the longest takes {max(took) / mean(took):.2f} times the mean")
        assert max(took) <= MOST * mean(took), took
