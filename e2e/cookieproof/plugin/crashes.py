"""What is told of a test whose pytest-xdist worker has crashed: xdist knows its id, and nothing else does more."""

from __future__ import annotations

from typing import Any

import pytest

from cookieproof.plugin.report_data import ReportData
from cookieproof.plugin.results import sentence


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(report: Any) -> None:
    """Say first what such a failure means; xdist's own line stays below it."""
    report.longrepr = (
        f"The process that ran this test (pytest-xdist's {report.node.gateway.id}) ended in the middle of it: it "
        "crashed, or was killed, for want of memory say. That tells nothing of the site: run the test again, alone.\n"
        f"{report.longrepr}"
    )


def told_by_its_id(nodeid: str) -> ReportData:
    """What the id of a test tells of it, where the test has told nothing."""
    path, _, name = nodeid.partition("::")
    function, _, parameters = name.partition("[")
    words = sentence(function, [parameters.removesuffix("]")] if parameters else []) or nodeid
    return ReportData(nodeid, place=f"{path}:1", words=words, promise_words=words)
