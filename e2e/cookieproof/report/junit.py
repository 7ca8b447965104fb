"""Writes results as JUnit XML. A flaky check has ``flakyFailure``, as Maven Surefire has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from cookieproof.report.results import Check, Results, first_sentence

MISSING = "merge-reports"  # the suite of what is missing
# Characters that XML 1.0 does not allow (https://www.w3.org/TR/xml/#charsets).
NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(results: Results, path: Path) -> None:
    """Write the results to the file at ``path``: a ``testsuite`` for each project, a ``testcase`` for each check.

    The path of each artifact is a property, ``playwright_trace`` for example. What a merge missed is an error in a
    suite of its own, since a CI may show nothing else of the merge.
    """
    root = Element("testsuites")
    for project in results.projects:
        checks = [check for check in results.checks if check.project == project]
        outcomes = [check.outcome for check in checks]
        suite = SubElement(
            root,
            "testsuite",
            name=_text(project),
            tests=str(len(checks)),
            failures=str(outcomes.count("broken")),
            skipped=str(outcomes.count("not run")),
            errors="0",
            time=f"{sum(check.seconds for check in checks):.3f}",
        )
        for check in checks:
            _add_test_case(suite, check)
    if results.merge and results.merge.missing:
        _add_missing(root, results.merge.missing)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _add_missing(root: Element, missing: Sequence[str]) -> None:
    count = str(len(missing))
    numbers = {"tests": count, "failures": "0", "skipped": "0", "errors": count, "time": "0.000"}
    suite = SubElement(root, "testsuite", {"name": MISSING} | numbers)
    for sentence in missing:
        case = SubElement(suite, "testcase", classname=MISSING, name=_text(sentence), time="0.000")
        _add_failure(case, "error", sentence, "Missing")


def _add_test_case(suite: Element, check: Check) -> None:
    file, _, name = check.id.partition("::")
    *classes, _ = name.partition("[")[0].split("::")
    classname = ".".join([file.removesuffix(".py").replace("/", "."), *classes])
    case = SubElement(
        suite,
        "testcase",
        classname=_text(classname),
        name=_text(name.removeprefix("".join(f"{each}::" for each in classes))),
        file=_text(file),
        time=f"{check.seconds:.3f}",
    )
    properties = [("promise", check.group or ""), ("outcome", check.outcome)]
    properties += [(f"playwright_{file.kind}", file.path) for attempt in check.attempts for file in attempt.artifacts]
    parent = SubElement(case, "properties")
    for key, value in properties:
        SubElement(parent, "property", name=key, value=_text(value))
    if check.outcome == "not run":
        SubElement(case, "skipped", message=_text(check.text.partition("\n")[0]))
    failed = [attempt.text for attempt in check.attempts if attempt.outcome == "broken"]
    if check.outcome == "broken":
        _add_failure(case, "failure", failed.pop())
    for text in failed:
        _add_failure(case, "flakyFailure" if check.outcome == "flaky" else "rerunFailure", text)


def _add_failure(case: Element, tag: str, text: str, type_: str = "AssertionError") -> None:
    failure = SubElement(case, tag, message=_text(first_sentence(text)), type=type_)
    failure.text = _text(text)


def _text(text: str) -> str:
    """Return the text, with characters that XML does not allow escaped as in Python."""
    return NOT_IN_XML.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
