"""The pytest plugin. Only this package imports pytest.

pytest reads the hooks and fixtures of this module: those of ``hooks`` and ``fixtures``, and the fixtures of
``lifetime_tests`` and ``audit_tests``.
"""

from cookieproof.plugin.audit_tests import findings_of_audit
from cookieproof.plugin.fixtures import (
    _certificate,
    _clock_library,
    _launcher,
    _worker,
    clock,
    clock_environment,
    declared,
    missing,
    new_visitor,
    site,
    visitor,
)
from cookieproof.plugin.hooks import (
    pytest_addoption,
    pytest_cmdline_main,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_configure_node,
    pytest_report_from_serializable,
    pytest_report_to_serializable,
    pytest_runtest_call,
    pytest_runtest_makereport,
    pytest_runtest_setup,
    pytest_sessionstart,
)
from cookieproof.plugin.lifetime_tests import verdicts_on_lifetimes

__all__ = [
    "_certificate",
    "_clock_library",
    "_launcher",
    "_worker",
    "clock",
    "clock_environment",
    "declared",
    "findings_of_audit",
    "missing",
    "new_visitor",
    "pytest_addoption",
    "pytest_cmdline_main",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_report_from_serializable",
    "pytest_report_to_serializable",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_sessionstart",
    "site",
    "verdicts_on_lifetimes",
    "visitor",
]
