"""The column of one project: what its run says of each promise."""

from __future__ import annotations

from xml.etree import ElementTree

from cookieproof.commands.columns.column import BROKEN, DIFFERS, KEPT, NOT_RUN, Cell, Promise


class ProjectColumn:
    """``missing`` says why the project could not be run."""

    def __init__(self, name: str, missing: str = "") -> None:
        self.heading = name
        self.remark = f"{NOT_RUN}. {missing}" if missing else ""

    def cell(self, promise: Promise) -> Cell:
        case = promise.cases.get(self.heading)
        return Cell(NOT_RUN) if case is None else _verdict(case)


def _verdict(case: ElementTree.Element) -> Cell:
    for kind, word in (("failure", BROKEN), ("error", BROKEN), ("skipped", NOT_RUN)):
        if (found := case.find(kind)) is not None:
            return Cell(word, found.get("message", "").strip().partition("\n")[0])
    differs = "; ".join(each.get("value", "") for each in case.iter("property") if each.get("name") == "differs")
    return Cell(DIFFERS, f"As declared: {differs}") if differs else Cell(KEPT)
