"""Calculates how long each test takes, as pytest-split stores it in a file that is committed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from cookieproof.plugin.report_data import ReportData

# A duration that differs by less than these is taken for noise, and the stored one is kept.
TWICE, SECONDS = 2.0, 0.5


def measured(reports: Iterable[Any]) -> dict[str, float]:
    """Return the seconds of each test, by the id by which pytest finds it, from pytest's reports of the phases.

    A test that failed, was tried again or did not run has no duration, except one that an audit has not asked. Tests
    that are proven together share the time of the longest, which did the work: the others may have waited for it in
    another worker. Repetitions count as their mean.
    """
    seconds: dict[str, float] = defaultdict(float)  # by the whole id, in which repetitions differ
    told: dict[str, ReportData] = {}
    spoilt: set[str] = set()
    for report in reports:
        data = getattr(report, "cookieproof", None)
        if not (isinstance(data, ReportData) and data.nodeid):
            continue
        told[report.nodeid] = data
        seconds[report.nodeid] += report.duration
        is_not_asked = report.outcome == "skipped" and data.audited  # by an audit that has run all the same
        if not report.passed and not hasattr(report, "wasxfail") and not is_not_asked:
            spoilt.add(data.first)
    units: dict[str, list[str]] = defaultdict(list)
    for name, data in told.items():
        units[data.first].append(name)
    shares: dict[str, list[float]] = defaultdict(list)
    for first, names in units.items():
        share = max(seconds[name] for name in names) / len(names)
        for name in names if first not in spoilt else ():
            shares[told[name].nodeid].append(share)
    return {name: sum(each) / len(each) for name, each in shares.items()}


def to_store(new: Mapping[str, float], stored: Mapping[str, float]) -> dict[str, float]:
    """Return the new durations as they are stored with the others.

    They are scaled to the machine that measured the stored ones, by the median ratio. A duration that has hardly
    changed stays as it was: the file changes only if the suite does.
    """
    both = [seconds / stored[name] for name, seconds in new.items() if seconds and stored.get(name)]
    pace = median(both) if both else 1.0
    return {name: _settled(seconds / pace, stored.get(name)) for name, seconds in new.items()}


def _settled(now: float, before: float | None) -> float:
    if before is not None and (abs(now - before) <= SECONDS or before / TWICE <= now <= before * TWICE):
        return before
    return round(now, 2)
