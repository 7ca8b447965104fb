"""Reports a test whose pytest-xdist worker has crashed, of which xdist knows only the id."""

from __future__ import annotations

from typing import Any

import pytest

from cookieproof.plugin.report_data import ReportData
from cookieproof.plugin.results import sentence


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(report: Any) -> None:
    """Put a sentence that explains the failure before xdist's own line."""
    report.longrepr = (
        f"The process that ran this test (pytest-xdist's {report.node.gateway.id}) ended in the middle of it: it "
        "crashed, or was killed, for want of memory say. That tells nothing of the site: run the test again, alone.\n"
        f"{report.longrepr}"
    )


def told_by_its_id(nodeid: str) -> ReportData:
    """Return the data that the id of a test shows, for a test that has sent none."""
    path, _, name = nodeid.partition("::")
    function, _, parameters = name.partition("[")
    words = sentence(function, [parameters.removesuffix("]")] if parameters else []) or nodeid
    return ReportData(nodeid, place=f"{path}:1", words=words, promise_words=words)
