"""The workflow's run: lines are rehearsed as GitHub runs them"""

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from ruamel.yaml import YAML

import workflow_rehearsal
from cookieproof import CookieproofError
from selftests.support.builds import stub
from selftests.support.documents import ROOT

WORKFLOW = """
on: push
jobs:
  checks:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        project: [good, missing, broken]
    steps:
      - uses: actions/checkout@v7
      - run: |
          test "$CI" = true
          test ! -e not-committed
          if command -v redis-server; then exit 5; fi
          setsid sleep 100 &
      - run: sh act ${{ matrix.project }}
      - run: echo never || exit 9
        if: ${{ failure() }}
      - run: test -e made/by/${{ matrix.project }}
"""
FIRST = 'test "$CI" = true; test ! -e not-committed; if command -v redis-server; then exit 5; fi; setsid sleep 100 &'
ACT = """
case $1 in
  good) mkdir -p made/by/good;;
  missing) printf '\\n== missing ==\\nmissing: not run. There is none.\\n\\npromise  missing\\n'; exit 2;;
  leave) mkdir -p out/tmp; touch out/results.json out/tmp/x; test $2 != bad-2 || exit 3;;
  broken) printf '\\n== broken ==\\nKit 1 works.\\n\\npromise  broken\\nbroken: not run. Proves nothing.\\n'; exit 3;;
esac
"""


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The temporary folder of the rehearsal. Its path is short, or the rehearsal would take another."""
    with tempfile.TemporaryDirectory(prefix="p") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository for a workflow, on a machine that has a Redis."""
    programs = stub(tmp_path / "programs" / "redis-server").parent
    for name in ("bash", "git", "mkdir", "setsid", "sh", "sleep", "touch", "cat"):
        (programs / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(programs))
    (tmp_path / workflow_rehearsal.WORKFLOW.parent).mkdir(parents=True)
    return tmp_path


def commit(root: Path, workflow: str) -> None:
    (root / workflow_rehearsal.WORKFLOW).write_text(workflow)
    (root / "act").write_text(ACT)
    name = ("-c", "user.name=A", "-c", "user.email=a@shop.example")
    for command in (
        ["init", "--quiet"],
        ["add", "act", ".github"],
        [*name, "commit", "--quiet", "--message", "A workflow"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)


def left(temporary: Path) -> list[str]:
    """What the rehearsal has left: files, and processes, known by their TMPDIR."""
    processes = psutil.process_iter(["environ", "cmdline", "status"])
    return [path.name for path in temporary.iterdir()] + [
        " ".join(process.info["cmdline"])
        for process in processes
        if (process.info["environ"] or {}).get("TMPDIR", "").startswith(str(temporary))
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def test_each_line_runs_in_a_clean_clone_and_what_cannot_be_had_is_no_failure(
    root: Path, temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(root, WORKFLOW)
    (root / "not-committed").touch()
    assert workflow_rehearsal.main(root, ["good", "missing"]) == 0
    said = capsys.readouterr().out
    assert "actions/checkout@v7: not run: an action" in said
    assert "echo never || exit 9: not run: if ${{ failure() }}" in said
    assert said.count("left behind, and ended: ") == 2, said
    assert [re.sub(r" +", " ", line) for line in re.sub(r"\d\.\d", "", said).splitlines()[-6:]] == [
        f"good 0 ok {FIRST}",
        "good 0 ok sh act good",
        "good 0 ok test -e made/by/good",
        f"missing 0 ok {FIRST}",
        "missing 2 not had sh act missing",
        "missing - not run test -e made/by/missing",
    ], said
    assert "not had: exit code 2 after" in said
    assert workflow_rehearsal.main(root, ["broken"]) == 1
    said = capsys.readouterr().out
    assert "FAILED: exit code 3" in said
    assert "  | Kit 1 works." in said
    assert left(temporary) == []


EXPECTS = """
jobs:
  checks:
    strategy:
      matrix:
        project: [good, missing, goods]
        group: [1, 2]
    steps:
      - run: sh act ${{ matrix.project }}
  report:
    needs: checks
    if: ${{ !cancelled() }}
    steps:
      - run: echo "--expect 2 of good missing goods"
      - run: exit 1  # good
"""


def test_what_cannot_be_had_or_is_not_named_is_asked_of_no_later_job(
    root: Path, temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(root, EXPECTS)
    for names, words in (([], "good goods"), (["good", "report"], "good"), (["goods, 1", "report"], "goods")):
        workflow_rehearsal.main(root, names)
        said = capsys.readouterr().out
        expected = "--expect of" if names == ["goods, 1", "report"] else "--expect 2 of"
        assert f'ok{"":7}echo "{expected} {words}"' in said, said
        assert "FAILED   exit 1" in said, said


SHARDS = """
jobs:
  shards:
    strategy:
      matrix:
        project: [good, bad]
        group: [1, 2]
    steps:
      - run: sh act leave ${{ matrix.project }}-${{ matrix.group }}
      - uses: actions/upload-artifact@v7
        if: ${{ !cancelled() }}
        with:
          name: results-${{ matrix.project }}-${{ matrix.group }}
          path: |
            out
            !out/tmp
          if-no-files-found: error
  report:
    needs: shards
    if: ${{ !cancelled() }}
    steps:
      - uses: actions/download-artifact@v8
        with:
          pattern: results-*
          path: results
      - run: echo results/results-{bad,good}-{1,2}/results.json >expected
      - run: "! test -e results/results-good-1/tmp"
      - run: test "$(echo results/*/results.json)" = "$(cat expected)"
      - run: exit 4
      - run: echo whatever
        if: ${{ !cancelled() }}
  celebrate:
    needs: [report]
    steps:
      - run: echo never
"""


def test_jobs_pass_on_what_they_leave_and_a_report_is_made_whatever_failed(
    root: Path, temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(root, SHARDS)
    assert workflow_rehearsal.main(root, []) == 1
    said = capsys.readouterr().out
    assert "actions/upload-artifact@v7: kept out as results-bad-2" in said
    assert "=== celebrate ===\nnot run: report failed\n" in said
    told = [re.sub(r"  +", "  ", line) for line in re.sub(r"\d\.\d", "", said).splitlines()]
    assert told[told.index("entry  exit  seconds  outcome  line") + 1 :] == [
        "good, 1  0  ok  sh act leave good-1",
        "good, 2  0  ok  sh act leave good-2",
        "bad, 1  0  ok  sh act leave bad-1",
        "bad, 2  3  FAILED  sh act leave bad-2",
        "report  0  ok  echo results/results-{bad,good}-{1,2}/results.json >expected",
        "report  0  ok  ! test -e results/results-good-1/tmp",
        'report  0  ok  test "$(echo results/*/results.json)" = "$(cat expected)"',
        "report  4  FAILED  exit 4",
        "report  0  ok  echo whatever",
    ], said
    # An entry is named as a whole, or by a word of it.
    assert workflow_rehearsal.main(root, ["good", "bad, 1"]) == 0
    assert capsys.readouterr().out.count("=== ") == 3
    assert left(temporary) == []


def test_the_matrix_of_the_projects_workflow_is_what_its_report_expects() -> None:
    workflow = YAML(typ="safe", pure=True).load(ROOT / workflow_rehearsal.WORKFLOW)
    matrix = workflow["jobs"]["promises"]["strategy"]["matrix"]
    lines = {job: [step["run"] for step in each["steps"] if "run" in step] for job, each in workflow["jobs"].items()}
    [splits] = re.findall(r"--splits (\d+)", " ".join(lines["promises"]))
    [expected] = re.findall(r"--expect-shards (\d+)", " ".join(lines["report"]))
    [projects] = re.findall(r"--expect-projects ([\w -]+)", " ".join(lines["report"]))
    assert projects.split() == matrix["project"]
    assert matrix["group"] == [*range(1, int(splits) + 1)]
    assert expected == splits
    assert f"of {splits}" in workflow["jobs"]["promises"]["name"]


def test_ctrl_c_leaves_nothing_behind(root: Path, temporary: Path) -> None:
    commit(root, "jobs: {a: {steps: [{run: 'sleep 100 & kill -INT $PPID; wait'}]}}")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            workflow_rehearsal.main(root, [])
    finally:
        signal.signal(signal.SIGINT, before)
    assert left(temporary) == []


@pytest.mark.parametrize(
    ("workflow", "unknown"),
    [
        ("env: {A: 1}\njobs: {a: {steps: []}}", "`env` of a workflow"),
        ("jobs: {a: {container: debian, steps: []}}", '`container` of the job "a"'),
        ("jobs: {a: {steps: [{run: make, env: {A: 1}}]}}", "`env` of a step with run:"),
        ("jobs: {a: {steps: [{run: 'make ${{ github.ref }}'}]}}", r"`\${{ github.ref }}` of a run: line"),
        ("jobs: {a: {needs: b, steps: []}, b: {steps: []}}", '`b` of needs: of the job "a"'),
        ("jobs: {a: {if: github.ref, steps: []}}", '`github.ref` of if: of the job "a"'),
        ("jobs: {a: {strategy: {matrix: {include: [{b: 1}]}}, steps: []}}", "`include` of a matrix"),
    ],
)
def test_what_it_does_not_know_is_refused(root: Path, workflow: str, unknown: str) -> None:
    (root / workflow_rehearsal.WORKFLOW).write_text(workflow)
    with pytest.raises(CookieproofError, match=f"The rehearsal does not know {unknown}"):
        workflow_rehearsal.main(root, [])
