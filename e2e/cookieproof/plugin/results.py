"""Makes the data that a worker sends of each test to the report."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cookieproof.plugin import options
from cookieproof.plugin.report_data import ReportData
from cookieproof.plugin.stash import ARTIFACTS, AUDITED, DIFFERS, LAUNCHES, NOTES, TIMELINE
from cookieproof.plugin.together import first_of

# A test with one of these fixtures is about a site.
ON_SITE = {"site", "new_context", "verdicts_on_lifetimes", "findings_of_audit"}
REPETITION = "__pytest_repeat_step_number"  # pytest-repeat's parameter


def report_data_of(item: pytest.Item, call: pytest.CallInfo[None], *, skipped: bool) -> ReportData:
    """Return the data of a test after one of its phases (``call.when``): setup, call or teardown.

    ``skipped`` is whether the test was skipped in it. Launches and notes are taken from the stash of ``item.config``.
    """
    on_site = ON_SITE & set(getattr(item, "fixturenames", ()))
    launches, notes = item.config.stash[LAUNCHES], item.config.stash[NOTES]
    output, is_end = options.output(item.config), call.when == "teardown"
    artifacts: list[tuple[str, Any]] = item.stash.get(ARTIFACTS, []) if is_end else []
    data = ReportData(
        nodeid=id_of(item),
        first=first_of(item).nodeid,
        place=f"{item.location[0]}:{(item.location[1] or 0) + 1}",
        group=group_of(item) if on_site else None,
        words=words_of(item),
        promise_words=promise_words_of(item),
        skipped=str(call.excinfo.value) if skipped and call.excinfo else "",
        launches=launches.copy(),
        notes=notes.copy(),
        timeline=item.stash.get(TIMELINE, None) if is_end else None,
        artifacts=[(kind, Path(os.path.relpath(path, output)).as_posix()) for kind, path in artifacts],
        differs=item.stash.get(DIFFERS, []),
        audited=item.stash.get(AUDITED, None),
    )
    launches.clear()
    notes.clear()
    return data


def passed_at_last(item: pytest.Item) -> bool:
    """Return whether the test has failed before, and passed when pytest-rerunfailures ran it again."""
    call = getattr(item, "rep_call", None)
    return getattr(item, "execution_count", 1) > 1 and bool(call and call.passed)


def id_of(item: pytest.Item, browser: str = "") -> str:
    """Return the id by which pytest finds the test; in another browser, if ``browser`` names one.

    It lacks the group that xdist adds for ``--dist loadgroup``, and the number that pytest-repeat adds: all repetitions
    are one check.
    """
    if not item.parent:
        return item.nodeid
    parameters, own = _parameters(item), _browser(item)
    if browser and own:
        parameters = [browser if each == own else each for each in parameters]
    elif len(parameters) == len(_all_parameters(item)):
        return f"{item.parent.nodeid}::{item.name}"
    ids = f"[{'-'.join(parameters)}]" if parameters else ""
    return f"{item.parent.nodeid}::{_function(item)}{ids}"


def group_of(item: pytest.Item) -> str:
    """Return the promise of the test's module: the first line of its docstring, or else the module's name."""
    module = item.getparent(pytest.Module)
    if module is None:
        return item.location[0]
    said = (module.obj.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    return said or module.name


def words_of(item: pytest.Item) -> str:
    """Return the test's name as a sentence: ``a plain cookie ends with the browser [firefox]``."""
    classes = [node.name for node in item.listchain() if isinstance(node, pytest.Class)]
    return sentence("::".join([*classes, _function(item)]), _parameters(item))


def promise_words_of(item: pytest.Item) -> str:
    """Return what ``words_of`` returns, without classes and browser: the words are the same in every project."""
    browser = _browser(item)
    return sentence(_function(item), [each for each in _parameters(item) if each and each != browser])


def _browser(item: pytest.Item) -> str | None:
    """Return the browser that is a parameter of the test, by pytest-playwright; None without it."""
    return item.callspec.params.get("browser_name") if hasattr(item, "callspec") else None


def _function(item: pytest.Item) -> str:
    return getattr(item, "originalname", None) or item.name


def _parameters(item: pytest.Item) -> Sequence[str]:
    """Return pytest's ids of the test's parameters, without the number of a repetition."""
    found, callspec = [*_all_parameters(item)], getattr(item, "callspec", None)
    step = callspec.params.get(REPETITION) if callspec else None
    if step is not None:
        numbers = [place for place, each in enumerate(found) if re.fullmatch(rf"{step + 1}-\d+", each)]
        del found[numbers[-1]]
    return found


def _all_parameters(item: pytest.Item) -> Sequence[str]:
    """Return pytest's ids of all parameters, which pytest joins in the test's id."""
    return item.callspec._idlist if hasattr(item, "callspec") else []


def sentence(name: str, parameters: Sequence[str]) -> str:
    """Return the words of a test's name, with the ids of its parameters: ``a cookie ends [firefox]``."""
    return name.removeprefix("test_").replace("_", " ") + (f" [{'-'.join(parameters)}]" if parameters else "")
