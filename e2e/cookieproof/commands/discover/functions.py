"""The functions of the user's that sign in and out, and how the test file imports them."""

from __future__ import annotations

import importlib
import inspect
import keyword
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cookieproof.errors import CookieproofError, did_you_mean
from cookieproof.words import printable, shown

if TYPE_CHECKING:
    from cookieproof.visitor.visitor import Visitor

Function = Callable[["Visitor"], object]
# Names that mean something else in the test file.
RESERVED_NAMES = ("timedelta", "expect", "expect_cookie", "Lifetime", "prove_lifetimes", "visitor", "site")


def failures() -> tuple[type[BaseException], ...]:
    """Return the exceptions by which a user's function fails; pytest's own, too, if the user's module imports it."""
    outcome = getattr(sys.modules.get("_pytest.outcomes"), "OutcomeException", None)
    return (Exception, outcome) if outcome else (Exception,)


@dataclass(frozen=True)
class UserFunction:
    """A function of the user's, with its module and its name in the test file."""

    function: Function
    option: str
    spelled: str
    module: str
    name: str
    as_name: str
    folder: str  # in which the test file must be; empty for the current folder

    @property
    def import_as(self) -> str:
        """The words after ``import`` in the test file."""
        return f"{self.name} as {self.as_name}" if self.as_name != self.name else self.name

    def __str__(self) -> str:
        return f"{self.option} {self.spelled}"

    def call(self, visitor: Visitor) -> None:
        """Call the function with the visitor, whose page is blank. Raises ``CookieproofError`` if it fails."""
        try:
            with (
                visitor.lives.kept_open(f"{self}: it may visit, but not end the browser."),
                visitor.clock.locked(f"{self}: it may visit, but not move the clock."),
            ):
                self.function(visitor)
        except failures() as error:
            if death := visitor.site.await_death():
                raise CookieproofError(death) from None
            said = printable(str(error).strip().partition("\n")[0]).rstrip(".")
            raise CookieproofError(
                f"{self} failed{_where(error)}: {type(error).__name__}: {shown(said)}. Mend it, or the page that it "
                "visits: it is given a visitor at a blank page."
            ) from None


class _Visiting:
    """A function that signs in and then visits a path; ``__name__`` is its name in sentences."""

    def __init__(self, sign_in: Function, path: str, name: str) -> None:
        self._sign_in, self._path, self.__name__ = sign_in, path, name

    def __call__(self, visitor: Visitor) -> None:
        self._sign_in(visitor)
        visitor.goto(self._path)


@dataclass
class Functions:
    """The functions of the command line, and those made of them, which sign in and then visit a page.

    ``names`` maps each to its name in the test file, ``made`` maps names of the made ones to the pages that they
    visit.
    """

    sign_in: UserFunction | None = None
    sign_out: UserFunction | None = None
    names: dict[object, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    @classmethod
    def named(cls, root: Path, sign_in: str, sign_out: str) -> Functions:
        """Import the functions of these spellings; an empty text is none.

        Raises ``CookieproofError`` for one that is missing or does not take a visitor.
        """
        if sign_out and not sign_in:
            raise CookieproofError(f"--sign-out {sign_out} has nobody to sign out: name who signs in with --sign-in.")
        into = imported(root, "--sign-in", sign_in, "signing_in") if sign_in else None
        out = imported(root, "--sign-out", sign_out, "signing_out") if sign_out else None
        if into and out and out.as_name == into.as_name and out.function is not into.function:
            # Two functions of one name, of different modules: the second import would hide the first.
            out = replace(out, as_name=f"{out.as_name}_out")
        return cls(into, out, {each.function: each.as_name for each in (into, out) if each})

    @property
    def imports(self) -> list[UserFunction]:
        """The functions of the command line, which the test file imports."""
        return [each for each in (self.sign_in, self.sign_out) if each]

    @property
    def lines(self) -> list[str]:
        """The import lines of the test file."""
        modules = dict.fromkeys(each.module for each in self.imports)
        names = {module: [each.import_as for each in self.imports if each.module == module] for module in modules}
        return [f"from {module} import {', '.join(dict.fromkeys(of_it))}" for module, of_it in names.items()]

    def visiting(self, path: str) -> Function:
        """Return a function that signs in and then visits the page."""
        assert self.sign_in
        words = "_".join("".join(each if each.isalnum() and each.isascii() else " " for each in path).split())
        name, number = f"visiting_{words.lower()}".rstrip("_"), 2
        while name in self.made or name in self.names.values():
            name, number = f"{name.rstrip('0123456789')}{number}", number + 1
        visiting = _Visiting(self.sign_in.function, path, name)
        self.names[visiting], self.made[name] = name, path
        return visiting


def imported(root: Path, option: str, spelled: str, usual: str) -> UserFunction:
    """Return the function that ``spelled`` names, relative to ``root``: ``signing.py:signing_in``, ``module:function``.

    Raises ``CookieproofError`` if it is no function of a visitor. ``usual`` is its name in the test file, if its own
    is reserved.
    """
    place, _, name = spelled.rpartition(":")
    if not place or not _is_a_name(name):
        raise CookieproofError(f'{option} "{spelled}" names no function: spell it "signing.py:{usual}".')
    folder, module = module_of(root, place)
    if not all(map(_is_a_name, module.split("."))):
        raise CookieproofError(f'{option} "{spelled}": no test can import "{module}", so give the file another name.')
    found = found_in(option, spelled, folder, module, name)
    plain = f"write def {name}(visitor), as a step of a Lifetime is written."
    if type(found).__module__.startswith("_pytest"):
        raise CookieproofError(f"{option} {spelled} is a fixture, and no plain function: {plain}")
    if not callable(found) or inspect.isclass(found):
        raise CookieproofError(f"{option} {spelled} is no function: {plain}")
    if inspect.iscoroutinefunction(found):
        raise CookieproofError(f"{option} {spelled} is async def, and a visitor is not asynchronous: {plain}")
    try:
        inspect.signature(found).bind(None)
    except (TypeError, ValueError):
        raise CookieproofError(f"{option} {spelled} does not take a visitor as its one argument: {plain}") from None
    as_name = usual if name in RESERVED_NAMES or name.startswith(("test", "_")) else name
    elsewhere = "" if folder == root else os.path.relpath(folder, root)
    return UserFunction(found, option, spelled, module, name, as_name, elsewhere)


def _is_a_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def module_of(root: Path, place: str) -> tuple[Path, str]:
    """Return the folder that must be on Python's path, and the module's name, as pytest has them for a test there."""
    if not place.endswith(".py") and "/" not in place:
        return root, place
    file = root / (place if place.endswith(".py") else f"{place}.py")
    folder, parts = file.parent, [file.stem]
    while (folder / "__init__.py").exists():
        folder, parts = folder.parent, [folder.name, *parts]
    return folder, ".".join(parts)


def found_in(option: str, spelled: str, folder: Path, module: str, name: str, usual: str = "signing_in") -> Any:
    """Import the module, and return the object of this name in it; ``usual`` is such a name for the advice."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        there = importlib.import_module(module)
    except failures() as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name and f"{module}.".startswith(f"{error.name}.")
        why = f"there is no such module in {folder}" if missing else f"{type(error).__name__}: {error}"
        raise CookieproofError(
            f'{option} {spelled} cannot be imported: {shown(str(why))}. Spell it "signing.py:{usual}", as seen from '
            "here."
        ) from None
    if not hasattr(there, name):
        near = did_you_mean(name, [each for each in vars(there) if not each.startswith("_")])
        raise CookieproofError(f'{option} {spelled}: "{name}" is not there.{near} Define it in {module}.')
    return getattr(there, name)


def _where(error: BaseException) -> str:
    """Return the last line of the user's code in the traceback, as ``" at signing.py:12"``; empty if there is none."""
    ours = str(Path(__file__).parents[2])
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [each for each in frames if not each.filename.startswith(ours) and "site-packages" not in each.filename]
    return f" at {Path(theirs[-1].filename).name}:{theirs[-1].lineno}" if theirs else ""
