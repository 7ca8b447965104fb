"""The order of runs as far as it is certain, and the verdict on a check that several runs tried.

The clocks of two machines may differ by hours, so what they say of two machines' runs decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cookieproof.report.results import Attempt, Run, Verdict, verdict


def came_before(first: Run, second: Run) -> bool:
    """Return whether the first run certainly came before the second.

    It did if it is an earlier attempt of the same run of the CI; else if it began earlier by the clock of the same
    machine. Two shards of one attempt run side by side: none of them came before the other.
    """
    if first.ci_run == second.ci_run and first.attempt != second.attempt:
        return first.attempt < second.attempt
    if first.shard and second.shard and first.shard != second.shard:
        return False
    return first.machine.name == second.machine.name != "" and first.started < second.started


def in_order(runs: Iterable[Run]) -> dict[str, int]:
    """Return the place of each run, by its id, in the order in which a report shows them.

    The runs of one run of the CI are ordered by their attempts; the rest is ordered by the clocks, for want of better.
    """
    runs, began = [*runs], dict[str | None, str]()
    for run in runs:
        began[run.ci_run] = min(run.started, began.get(run.ci_run, run.started))
    runs.sort(key=lambda run: (began[run.ci_run], run.attempt, run.started))
    return {run.id: place for place, run in enumerate(runs)}


def verdict_of_runs(tried: Sequence[tuple[Run, Sequence[Attempt]]]) -> Verdict:
    """Return the verdict on a check with its attempts in each run.

    What failed in one run and passed in another is "broken" only if after each run in which it passed there came
    one, certainly, in which it failed; else it is "flaky".
    """
    verdicts = [(run, verdict(attempts)) for run, attempts in tried]
    found = {each for _, each in verdicts} - {"not run"}
    if len(found) < 2:
        return found.pop() if found else "not run"
    if "broken" not in found:
        return "flaky"
    failed = [run for run, each in verdicts if each == "broken"]
    passed = [run for run, each in verdicts if each in ("kept", "flaky")]
    return "broken" if all(any(came_before(run, later) for later in failed) for run in passed) else "flaky"
