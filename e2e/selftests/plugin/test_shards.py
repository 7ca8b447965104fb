"""A suite is split in groups of equal time, in which the lifetimes of one list are one pass"""

import json
import re

from selftests.support.project import Project

TESTS = """
import pytest
from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes

test_lifetimes = prove_lifetimes([Lifetime(f"c{n}", set_by="/", lasts=WITH_THE_BROWSER) for n in range(4)])

@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("n", range(6))
def test_other(n):
    pass
"""


SPLIT = ("--splits", "2", "--splitting-algorithm", "least_duration")


def test_a_list_of_lifetimes_stays_in_one_group(project: Project) -> None:
    project.test(TESTS)
    durations = {f"test_it.py::test_lifetimes[c{n}]": 1.5 for n in range(4)}
    durations |= {f"test_it.py::test_other[{n}]": 1.0 for n in range(6)}
    (project.folder / ".test_durations").write_text(json.dumps(durations))
    collect = ("--site", "app:create_app", "--collect-only", "-q", *SPLIT, "--group")
    groups = [re.findall(r"^test_it\.py::(\S+)$", project.run(*collect, each).output, re.M) for each in ("1", "2")]
    assert groups == [[f"test_lifetimes[c{n}]" for n in range(4)], [f"test_other[{n}]" for n in range(6)]]


def test_durations_are_stored_under_ids_without_groups(project: Project) -> None:
    project.test(TESTS)
    run = ("-k", "other", "-n", "2", "--dist", "loadgroup", "--store-durations", "--splits", "2", "--group", "1")
    said = project.run(*run)
    said.assert_outcomes(passed=3)
    assert "@one" not in (project.folder / ".test_durations").read_text()
    stored = json.loads((project.folder / ".test_durations").read_text())
    assert [name for name in stored if not re.fullmatch(r"test_it\.py::test_other\[\d\]", name)] == []
    assert len(stored) == 3
    told = json.loads((project.folder / "test-results" / "results.json").read_text())
    assert told["runs"][0]["shard"] == {"number": 1, "of": 2}


SOAK = """
import pytest
from cookieproof import WITH_THE_BROWSER, Lifetime, prove_lifetimes

test_lifetimes = prove_lifetimes([Lifetime("seen", set_by="/", lasts=WITH_THE_BROWSER)])

@pytest.mark.parametrize("way", ["1-3"])
def test_of_chance(site, way, request):
    assert "2-3" in request.node.name
"""


def test_repetitions_are_attempts_of_one_check(project: Project) -> None:
    project.test(SOAK)
    project.run("--site", "app:create_app", "--count", "3", "-p", "randomly").assert_outcomes(passed=4, failed=2)
    told = json.loads((project.folder / "test-results" / "results.json").read_text())
    outcomes = {check["id"]: sorted(each["outcome"] for each in check["attempts"]) for check in told["checks"]}
    assert outcomes == {
        "test_it.py::test_lifetimes[seen]": ["kept"] * 3,
        "test_it.py::test_of_chance[1-3]": ["broken", "broken", "kept"],
    }
