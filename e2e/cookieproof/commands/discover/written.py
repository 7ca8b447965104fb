"""Writes the test file. It is valid Python, whatever names, paths and texts a site has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from cookieproof.commands.discover.functions import Functions
from cookieproof.promises.lifetimes import Lifetime, Step
from cookieproof.words import literal, printable, spelled

OF_COOKIEPROOF = ("WITH_THE_BROWSER", "Lifetime", "expect_cookie", "prove_lifetimes")


@dataclass(frozen=True)
class Run:
    """The site's title, and the command line that runs the file (``words``): ``pytest --site app.py:create_app``."""

    title: str
    words: str


class PageWithIndicator(Protocol):
    """A page, and a text that it shows only to somebody who is signed in."""

    @property
    def page(self) -> str: ...
    @property
    def text(self) -> str: ...


class StepWithPersistentCookies(Protocol):
    """A step, and the lifetimes of the persistent cookies that it sets."""

    @property
    def step(self) -> Step: ...
    @property
    def lifetimes(self) -> Sequence[Lifetime]: ...


class File:
    """Collects the lines of the test file."""

    def __init__(self, run: Run, functions: Functions) -> None:
        self._run, self._functions = run, functions
        self._body: list[str] = []

    def add_lifetimes(self, proven: Sequence[Lifetime], refuted: Mapping[Lifetime, str]) -> None:
        """Add a test of the proven lifetimes, with the refuted ones as comments."""
        refused = [
            f"# {line}" for each, text in refuted.items() for line in (text.partition("\n")[0], self._declared(each))
        ]
        if proven:
            lines = [*map(self._declared, proven), *refused]
            listed = [f"        {printable(line)}" for line in lines]
            self._body += ["", "test_lifetimes = prove_lifetimes(", "    [", *listed, "    ]", ")"]
        elif refused:
            self._body += ["", *map(printable, refused)]

    def add_outliving(self, tests: Sequence[StepWithPersistentCookies]) -> None:
        """Add a test for each step that sets persistent cookies."""
        for number, each in enumerate(tests, start=1):
            what = self._spelled(each.step) if callable(each.step) else f"page_{number}"
            lines = [f"{self._spelled(each.step)}(visitor)" if callable(each.step) else _goto(each.step)]
            expected = [f"expect_cookie(visitor, {literal(of.name)}, {literal(of.path)})" for of in each.lifetimes]
            for of, expecting in zip(each.lifetimes, expected, strict=True):
                assert isinstance(of.lasts, timedelta)
                lines.append(f"{expecting}.to_expire_in({spelled(of.lasts)})")
            lines += ["visitor.restart()", *(f"{expecting}.to_be_sent()" for expecting in expected)]
            self._add_test(f"test_what_{what}_sets_outlives_the_browser", "visitor", lines)

    def add_restart(self, indicator: PageWithIndicator) -> None:
        """Add a test that a restart of the site signs nobody out."""
        assert self._functions.sign_in
        text = f"visitor.page.get_by_text({literal(indicator.text)})"
        lines = [
            f"{self._functions.sign_in.as_name}(visitor)",
            "site.restart()",
            _goto(indicator.page),
            f"expect({text}.filter(visible=True).first).to_be_visible()",
        ]
        self._add_test("test_a_restart_of_the_site_signs_nobody_out", "visitor, site", lines)

    def _add_test(self, name: str, fixtures: str, lines: Sequence[str]) -> None:
        self._body += ["", "", f"def {name}({fixtures}):", *(f"    {line}" for line in lines)]

    def text(self, remarks: Sequence[str]) -> str:
        """Return the whole file, with the remarks as comments."""
        code = "\n".join(line for line in self._body if not line.lstrip().startswith("#"))
        used = [each for each in OF_COOKIEPROOF if re.search(rf"\b{each}\b", code)]
        run = f"{self._run.words}{_folder(self._functions)}"
        head = [
            f'"""The cookies of {_in_a_docstring(self._run.title)}, as `python -m cookieproof discover` saw them',
            "",
            f"Run it with: {_in_a_docstring(run)}",
            '"""',
            "",
        ]
        head += ["from datetime import timedelta", ""] if "timedelta(" in code else []
        head += ["from playwright.sync_api import expect", ""] if "expect(visitor" in code else []
        head += [f"from cookieproof import {', '.join(used)}"] if used else []
        head += self._functions.lines
        made = [line for name, path in self._functions.made.items() for line in self._made(name, path, code)]
        between = [""] if self._body[-1:] == [")"] else ["", ""]  # as formatters have it after a function
        comments = [f"# {printable(remark)}" for remark in remarks]
        return "\n".join([*head, *made, *self._body, *(between if comments else []), *comments])

    def _made(self, name: str, path: str, code: str) -> list[str]:
        """Return the lines of the function that signs in and visits the path, if the code uses its name."""
        assert self._functions.sign_in
        if not re.search(rf"\b{name}\b", code):
            return []
        signed_in = f"    {self._functions.sign_in.as_name}(visitor)"
        return ["", "", f"def {name}(visitor):", signed_in, f"    {_goto(path)}", ""]

    def _declared(self, lifetime: Lifetime) -> str:
        """Return the lifetime as a line of Python."""
        fields = {"set_by": lifetime.set_by, "renewed_by": lifetime.renewal, "deleted_by": lifetime.deleted_by}
        fields |= {"path": lifetime.path if lifetime.path != "/" else None}
        fields |= {"shows": str(lifetime.shows or ""), "host": lifetime.host}
        words = [literal(lifetime.name), *(f"{key}={self._spelled(value)}" for key, value in fields.items() if value)]
        is_aged = isinstance(lifetime.lasts, timedelta)
        words.insert(2, f"lasts={spelled(lifetime.lasts) if is_aged else 'WITH_THE_BROWSER'}")  # type: ignore[arg-type]
        return f"Lifetime({', '.join(words)}),"

    def _spelled(self, step: Step) -> str:
        return self._functions.names[step] if callable(step) else literal(step)


def _goto(path: str) -> str:
    return f"visitor.goto({literal(path)})"


def _in_a_docstring(text: str) -> str:
    return literal(text)[1:-1].replace('\\"', "'")


def _folder(functions: Functions) -> str:
    """Return words for the folder where the file must be, if its imports need it."""
    folders = dict.fromkeys(each.folder for each in functions.imports if each.folder)
    return f" (in a file in {' and '.join(folders)})" if folders else ""
