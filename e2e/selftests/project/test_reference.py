"""The pages of reference have every setting and every error text, and nothing else"""

from __future__ import annotations

import functools
import json
import re
import typing
from dataclasses import fields
from typing import Any, Literal

import pytest

from cookieproof import __main__ as commands
from cookieproof import settings
from cookieproof.settings import Settings
from cookieproof.site import kinds
from selftests.support.documents import DOCS, ROOT, cells, code, table
from selftests.support.error_texts import PACKAGE, VARIABLE, ErrorTexts
from selftests.support.project import Project

CONFIGURATION, TROUBLESHOOTING = DOCS / "configuration.md", DOCS / "troubleshooting.md"
KEYS = {
    "web_server": settings.WebServer,
    "use": settings.Use,
    "projects": settings.Project,
    "expect": settings.Expect,
}
# What passes on a text from another place: of another error, of a verdict, or of the test itself.
HANDED_ON = re.compile(r"str\(\w+\)|verdict\.text|what|reason|failure")

# --- configuration


def spelled(hint: Any) -> str:
    """A type as the page spells it."""
    if typing.get_origin(hint) is Literal:
        return ", ".join(f'`"{value}"`' for value in typing.get_args(hint))
    if type(None) in typing.get_args(hint):
        return " or ".join(spelled(each) for each in typing.get_args(hint))
    if hint is type(None):
        return "`None`"
    arguments = ", ".join(spelled(each).strip("`") for each in typing.get_args(hint))
    return f"`{getattr(hint, '__name__', str(hint))}{f'[{arguments}]' if arguments else ''}`"


def types_of(below: str) -> dict[str, str]:
    rows = table(CONFIGURATION, below)
    return {code(key)[0]: re.sub(r"\[([^\]]*\]?`)\]\(#\w+\)", r"\1", hint) for key, hint, *_ in rows}


def defaults_of(below: str) -> dict[str, str]:
    return {code(key)[0]: default for key, _, default, _ in table(CONFIGURATION, below)}


def test_each_setting_has_its_type() -> None:
    hints = typing.get_type_hints(Settings)
    assert types_of(settings.FILE) == {each.name: spelled(hints[each.name]) for each in fields(Settings)}


@pytest.mark.parametrize("below", KEYS)
def test_each_key_has_its_type(below: str) -> None:
    of_the_kinds = kinds.keys() if below == "web_server" else {}
    hints = {**typing.get_type_hints(KEYS[below]), **of_the_kinds}
    assert types_of(below) == {key: spelled(hint) for key, hint in hints.items()}


def test_a_configuration_with_types_may_have_each_key_that_a_kind_of_site_has() -> None:
    hints = typing.get_type_hints(settings.WebServer)
    keys = dict(kinds.keys())
    assert {name: hints.get(name) for name in keys} == keys


def test_each_setting_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(value: object) -> str:
        return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"

    monkeypatch.setenv("CI", "true")
    in_ci = Settings()
    monkeypatch.delenv("CI")
    expected = {each.name: named(getattr(Settings(), each.name)) for each in fields(Settings)}
    expected["strict"] = f"{named(in_ci.strict)} where `CI` is set, else {named(Settings().strict)}"
    assert defaults_of(settings.FILE) == expected


ASKS = """
import functools
import json

def test_it(pytestconfig):
    option = pytestconfig.option
    use = {
        "browser": option.browser[0], "channel": option.browser_channel, "device": option.device,
        "headless": not option.headed, "slow_mo": option.slowmo, "trace": option.tracing,
        "screenshot": option.screenshot, "video": option.video,
    }
    print("use:", json.dumps(use))
"""


def test_what_is_used_is_the_default(project: Project) -> None:
    project.test(ASKS)
    code_, output = project.run("-s", "--browser", "chromium")
    assert code_ == 0, output
    [use] = re.findall(r"use: (.*)", output)
    told = defaults_of("use")
    for key, value in json.loads(use).items():
        assert told[key] == (f'`"{value}"`' if isinstance(value, str) else f"`{value}`"), key
        del told[key]
    assert set(told.values()) == {"Playwright's", "`{}`"}


class Options:
    """Stands for pytest's parser, and remembers what is added to it."""

    def __init__(self) -> None:
        self.added: dict[str, Any] = {}

    def getgroup(self, *names: str) -> Options:
        return self

    def addoption(self, name: str, *, metavar: str, default: object = None, **more: Any) -> None:
        self.added[f"{name} {metavar}"] = default


def test_each_option_of_pytest_is_there(pytestconfig: pytest.Config) -> None:
    options = Options()
    for hook in pytestconfig.hook.pytest_addoption.get_hookimpls():
        if hook.function.__module__.startswith("cookieproof"):
            hook.function(parser=options, pluginmanager=pytestconfig.pluginmanager)
    rows = table(CONFIGURATION, "Options of pytest")
    assert {code(option)[0]: default for option, default, _ in rows} == {
        name: "none" if default is None else f"`{default}`" for name, default in options.added.items()
    }


def test_each_option_of_another_plugin_can_be_given(pytestconfig: pytest.Config) -> None:
    _, _, text = CONFIGURATION.read_text().partition("Each wins over the key in the same row:\n")
    named = [code(row[0])[0] for row in cells(text.partition("\n#")[0])[2:]]
    assert len(named) > 10
    for option in named:
        pytestconfig.getoption(option)  # raises for one that no plugin has


def test_each_marker_is_known(pytestconfig: pytest.Config) -> None:
    known = {re.split(r"\W", line)[0] for line in pytestconfig.getini("markers")}
    assert {name for row in table(CONFIGURATION, "Markers") for name in code(row[0])} <= known


def test_each_command_is_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def help_on(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["cookieproof", *words, "--help"])
        with pytest.raises(SystemExit):
            commands.main()
        return capsys.readouterr().out

    rows = {code(command)[0].rpartition(" ")[2]: what for command, what in table(CONFIGURATION, "Commands")}
    [listed] = re.findall(r"\{(.*?)\}", help_on())[:1]
    assert rows.keys() == set(listed.split(","))
    for name, what in rows.items():
        options = set(re.findall(r"^ +(--[a-z-]+)", help_on(name), re.M))
        assert options == {each for each in code(what) if each.startswith("--") and each != "--"}, name


def test_each_environment_variable_is_there() -> None:
    source = "\n".join(file.read_text() for file in PACKAGE.rglob("*.py"))
    read = set(re.findall(r'(?:os\.environ|environment)(?:\.get\(|\[)"(\w+)"', source)) | set(
        re.findall(r'"(\w+)" not in os\.env', source)
    )
    told = {name for row in table(CONFIGURATION, "Environment variables") for name in code(row[0])}
    assert told == read - {"PATH"}


def test_each_variable_of_make_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text()
    used = set(re.findall(r"\$\(([A-Z]+)\)", makefile)) - set(re.findall(r"^([A-Z_]+) :?=", makefile, re.M))
    assert {code(row[0])[0] for row in table(CONFIGURATION, "Variables of make")} == used - {"CI", "CURDIR"}


# --- troubleshooting


@functools.cache
def texts() -> ErrorTexts:
    return ErrorTexts()


ROWS = [code(row[0])[0] for row in cells(TROUBLESHOOTING.read_text()) if code(row[0])]


def is_of(row: str, text: str) -> bool:
    """Whether a row of the page, in which … stands for anything, is about this text."""
    return bool(re.fullmatch(".*".join(map(re.escape, row.split(VARIABLE))), text))


@pytest.mark.timeout(300)  # it takes a minute where nothing else runs
def test_every_error_text_is_explained() -> None:
    assert len(texts().found) > 80
    assert {place: text for text, place in texts().found.items() if not any(is_of(row, text) for row in ROWS)} == {}


def test_every_explained_text_can_be_raised() -> None:
    assert [row for row in ROWS if not any(is_of(row, text) for text in texts().found)] == []
    assert len(ROWS) == len(set(ROWS))


def test_no_row_is_about_everything() -> None:
    assert [row for row in ROWS if sum(map(str.isalpha, row)) < 6] == []


def test_what_raises_an_unknown_text_hands_it_on() -> None:
    """Else its text is written in a way that ``ErrorTexts`` cannot follow: write it as a literal or an f-string."""
    assert {place: text for place, text in texts().unread.items() if not HANDED_ON.fullmatch(text)} == {}
