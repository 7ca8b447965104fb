"""What pytest calls: configuration before the run, and what each test tells the report."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, expect

from cookieproof.browser.run_folder import RunFolder, sweep
from cookieproof.clock.clock import ClockDoesNotWork
from cookieproof.errors import CookieproofError, Unsupported
from cookieproof.plugin import (
    crashes,
    distribution,
    options,
    other_plugins,
    overrides,
    results,
    shards,
    summary,
    together,
)
from cookieproof.plugin.interrupt import Interrupts
from cookieproof.plugin.progress import Progress
from cookieproof.plugin.report_data import ReportData
from cookieproof.plugin.stash import DISTRIBUTION, LAUNCHES, NOTES, RUN_FOLDER, SETTINGS, SITE, WORKER_FOLDER
from cookieproof.visitor.awake import what_slept

# --- configuration


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    options.add(parser, pluginmanager)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Make one of file and command line, before any other plugin looks at its options."""
    try:
        options.apply(config)
    except CookieproofError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "site(app, env=…, **config): serve this app, or the configured one, with this Flask configuration",
    )
    config.addinivalue_line("markers", together.DESCRIPTION)
    config.stash[LAUNCHES], config.stash[NOTES] = [], []
    # Fixtures that override pytest-playwright's come last, else the order of installation decides.
    config.pluginmanager.register(overrides, "cookieproof-overrides")
    config.pluginmanager.register(other_plugins, "cookieproof-other-plugins")
    config.pluginmanager.register(shards, "cookieproof-shards")
    config.pluginmanager.register(distribution, "cookieproof-distribution")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(crashes, "cookieproof-crashes")
        config.pluginmanager.register(summary.Summary(config), "cookieproof-summary")
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter and reporter.isatty and not config.option.collectonly:
            progress = Progress(reporter.write_line)
            config.pluginmanager.register(progress, "cookieproof-progress")
            progress.begin()
            config.add_cleanup(progress.end)
    if (timeout := config.stash[SETTINGS].expect.get("timeout")) is not None:
        expect.set_options(timeout=timeout)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    try:
        options.choose_tests(config, items)
        options.allow_time(config, items)
    except CookieproofError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the run's folders, before xdist starts its workers."""
    config = session.config
    config.add_cleanup(Interrupts().close)
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    _empty_output(config)
    _make_parent_of_basetemp(config)
    sweep()
    folder = config.stash[RUN_FOLDER] = RunFolder()
    config.add_cleanup(folder.close)
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ:  # tmp_path stays where pytest keeps it
        patch.setenv("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
    # What Playwright, its browsers, pytest-playwright and the site write is swept with the folder.
    patch.setenv("TMPDIR", str(folder.path))
    patch.setattr(tempfile, "tempdir", str(folder.path))


def _empty_output(config: pytest.Config) -> None:
    output = Path(config.option.output).absolute()
    if config.rootpath.is_relative_to(output):
        raise pytest.UsageError(f"--output {output} would be emptied, and holds the project: name a folder of its own.")
    try:
        if output.exists():
            shutil.rmtree(output)
        output.mkdir(parents=True)
    except OSError as error:
        raise pytest.UsageError(
            f"The output folder {output} cannot be written: {error.strerror}. Name another with --output."
        ) from None


def _make_parent_of_basetemp(config: pytest.Config) -> None:
    """Make the folder in which ``--basetemp`` is: pytest does not, and it may be no part of this run's ``--output``."""
    if not config.option.basetemp:
        return
    parent = Path(config.option.basetemp).absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(
            f"The folder {parent} of --basetemp cannot be made: {error.strerror}. Name another with --basetemp."
        ) from None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where to keep what is temporary, and how tests are distributed."""
    node.workerinput[WORKER_FOLDER] = str(node.config.stash[RUN_FOLDER].path)
    node.workerinput[DISTRIBUTION] = node.config.option.dist


# --- results


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    with _skipped_if_unsupported():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    with _skipped_if_unsupported():
        yield


@contextmanager
def _skipped_if_unsupported() -> Iterator[None]:
    try:
        yield
    except Unsupported as error:
        raise pytest.skip.Exception(str(error), _use_item_location=True) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, pytest.TestReport]:
    report: Any = yield
    if call.excinfo and call.when != "call" and isinstance(call.excinfo.value, CookieproofError):
        report.longrepr = str(call.excinfo.value)
    if call.excinfo and isinstance(call.excinfo.value, ClockDoesNotWork):
        item.session.shouldstop = str(call.excinfo.value)
    site = item.stash.get(SITE, None)
    if report.failed and site and (death := site.await_death() if _is_playwrights(call) else site.death):
        report.sections.append(("The site", death))  # explains what Playwright says in its own words
    if report.failed and site and (slept := what_slept(site)):
        report.sections.append(("The clock", "\n".join(slept)))
    report.cookieproof = data = results.report_data_of(item, call, skipped=report.skipped)
    if call.when == "teardown":
        # As pytest-playwright names its own; JUnit XML has them as properties.
        folder = os.path.relpath(options.output(item.config), item.config.invocation_params.dir)
        if results.passed_at_last(item):
            report.user_properties.append(("cookieproof_outcome", "flaky"))
        report.user_properties += [(f"playwright_{kind}", os.path.join(folder, path)) for kind, path in data.artifacts]
    result: pytest.TestReport = report
    return result


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(report: Any) -> Generator[None, dict[str, Any] | None, dict[str, Any] | None]:
    data = yield
    if data is not None and isinstance(ours := data.get("cookieproof"), ReportData):
        data["cookieproof"] = asdict(ours)
    return data


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(data: dict[str, Any]) -> Generator[None, Any, Any]:
    report = yield
    if report is not None and isinstance(ours := getattr(report, "cookieproof", None), dict):
        report.cookieproof = ReportData(**ours)
    return report


def _is_playwrights(call: pytest.CallInfo[None]) -> bool:
    return bool(call.excinfo and isinstance(call.excinfo.value, Error))
