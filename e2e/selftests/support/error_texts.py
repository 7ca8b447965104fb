"""Every text that the harness can raise, read from its code, for the page that explains them."""

from __future__ import annotations

import ast
import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cookieproof

PACKAGE = Path(cookieproof.__file__).parent
VARIABLE = "…"  # stands for what is known only when the text is raised
BASE = "CookieproofError"
OF_PYTEST = {"UsageError", "skip", "fail"}
OF_LOCKS = {"locked"}  # whose first argument is raised by whoever meets the lock
OF_RECORDER = {"_fail"}  # whose second argument is raised by the step that has asked the site
OF_PYTHON = {"TypeError", "ValueError"}  # for a call that no value could make right
# Methods of a text that leave most of it as it is.
KEEPS_TEXT = {"format", "partition", "removeprefix", "removesuffix", "replace", "rstrip", "strip"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class ErrorTexts:
    """Follows the argument of each raising call back to where its text is written, through variables and functions.

    ``found`` has each text with one place that raises it. ``unread`` are the places of calls whose argument leads
    to no text: they hand on what another place has raised.
    """

    def __init__(self, package: Path = PACKAGE) -> None:
        self.found: dict[str, str] = {}
        self.unread: dict[str, str] = {}
        self._function_of: dict[ast.AST, Function] = {}
        self._functions: defaultdict[str, list[Function]] = defaultdict(list)
        self._calls: defaultdict[str, list[ast.Call]] = defaultdict(list)
        self._constants: dict[str, ast.expr] = {}
        self._of_attribute: defaultdict[str, list[ast.expr]] = defaultdict(list)
        self._classes: dict[str, ast.ClassDef] = {}
        trees = {file.relative_to(package): ast.parse(file.read_text()) for file in sorted(package.rglob("*.py"))}
        for tree in trees.values():
            self._index(tree)
        errors = self._error_classes()
        for file, tree in trees.items():
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                if text := self._raised_by(call, errors):
                    self._note(text, call, f"{file}:{call.lineno}")

    def _index(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, FUNCTIONS):
                self._functions[node.name].append(node)
                for inner in ast.walk(node):  # the innermost function comes last
                    self._function_of[inner] = node
            elif isinstance(node, ast.ClassDef):
                self._classes[node.name] = node
            elif isinstance(node, ast.Call):
                self._calls[_name(node.func)].append(node)
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    inside = target.value if isinstance(target, ast.Subscript) else target
                    if isinstance(inside, ast.Attribute):
                        self._of_attribute[inside.attr].append(node.value)
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._constants.setdefault(node.targets[0].id, node.value)

    def _error_classes(self) -> set[str]:
        """``CookieproofError``, ``Unsupported`` and all that are derived from one of them."""
        errors = {BASE, "Unsupported"}
        for _ in self._classes:
            errors |= {name for name, node in self._classes.items() if errors & set(map(_name, node.bases))}
        return errors

    def _raised_by(self, call: ast.Call, errors: set[str]) -> ast.expr | None:
        """The argument that is the text of what this call raises; None for any other call."""
        name = _name(call.func)
        if name in OF_PYTEST and (
            name == "UsageError" or _name(getattr(call.func, "value", None)) in ("pytest", "mark")
        ):
            return next(iter([*call.args, *(each.value for each in call.keywords if each.arg == "reason")]), None)
        if name in errors | OF_PYTHON | OF_LOCKS and not self._own_init(name):
            return next(iter(call.args), None)
        if name in OF_RECORDER:
            return call.args[1]
        if name == "append" and _name(getattr(call.func, "value", None)) == "failures":
            return call.args[0]
        if name == "__init__" and any(self._own_init(each) is self._function_of.get(call) for each in errors):
            return next(iter(call.args), None)
        return None

    def _called(self, function: Function) -> str:
        """By which name a function is called: the constructor by its class's."""
        return self._class_of_init.get(function, function.name)

    @functools.cached_property
    def _class_of_init(self) -> dict[Function, str]:
        return {init: name for name in reversed(self._classes) if (init := self._own_init(name))}

    def _own_init(self, name: str) -> Function | None:
        body = self._classes[name].body if name in self._classes else []
        return next((each for each in body if isinstance(each, FUNCTIONS) and each.name == "__init__"), None)

    def _note(self, text: ast.expr, call: ast.Call, place: str) -> None:
        found = {_on_one_line(each) for each in self._read(text, self._function_of.get(call), frozenset())}
        told = {each for each in found if _has_words(each)}
        if not told:
            self.unread[place] = ast.unparse(text)
        self.found |= {each: place for each in told}

    def _read(self, node: ast.expr | None, scope: Function | None, known: frozenset[ast.AST]) -> Iterator[str]:
        """What the expression may be, with ``VARIABLE`` for what the code does not tell."""
        if node is None or node in known:
            yield VARIABLE
            return
        known |= {node}
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=parts):
                # What is told only by variables is followed into them.
                told = any(isinstance(part, ast.Constant) and _has_words(str(part.value)) for part in parts)
                parts = [part if told and not _is_local(part, scope) else _inside(part) for part in parts]
                yield from self._joined(parts, "", scope, known)
            case ast.FormattedValue(value=ast.Name() | ast.Attribute() as value) if _name(value).isupper():
                yield from self._read(self._constants.get(_name(value)), None, known)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                yield from self._joined([left, right], "", scope, known)
            case ast.BoolOp(values=choices):
                yield from self._each(choices, scope, known)
            case ast.IfExp(body=one, orelse=other):
                yield from self._each([one, other], scope, known)
            case ast.Dict(values=choices):
                yield from self._each(choices, scope, known)
            case ast.NamedExpr(value=value):
                yield from self._read(value, scope, known)
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str(between)), attr="join"), args=[ast.List(parts)]
            ):
                yield from self._joined(parts, between, scope, known)
            case ast.Call(func=ast.Attribute(value=text, attr=method)) if method in KEEPS_TEXT:
                yield from self._read(text, scope, known)
            case (
                ast.Call(func=ast.Attribute(value=ast.Attribute(attr=name), attr="get"))
                | ast.Attribute(value=ast.Name("self"), attr=name)
            ):
                for value in self._of_attribute[name]:
                    yield from self._read(value, self._function_of.get(value), known)
                yield from self._returned(name, known)
            case ast.Attribute(attr=name) if any(map(_is_property, self._functions[name])):
                yield from self._returned(name, known)
            case ast.Call(func=function):
                yield from self._returned(_name(function), known)
            case ast.Name(id=name):
                yield from self._held_by(name, scope, known)
            case _:
                yield VARIABLE

    def _joined(
        self, parts: Iterable[ast.expr], between: str, scope: Function | None, known: frozenset[ast.AST]
    ) -> Iterator[str]:
        for chosen in itertools.product(*(set(self._read(part, scope, known)) for part in parts)):
            yield between.join(chosen)

    def _each(self, choices: Iterable[ast.expr], scope: Function | None, known: frozenset[ast.AST]) -> Iterator[str]:
        for choice in choices:
            yield from self._read(choice, scope, known)

    def _returned(self, name: str, known: frozenset[ast.AST]) -> Iterator[str]:
        told = False
        for function in self._functions[name]:
            for node in ast.walk(function):
                if isinstance(node, ast.Return) and self._function_of[node] is function:
                    told = True
                    yield from self._read(node.value, function, known)
        if not told:  # another's function, or one of this name that returns nothing
            yield VARIABLE

    def _held_by(self, name: str, scope: Function | None, known: frozenset[ast.AST]) -> Iterator[str]:
        """The values of a variable; for a parameter what each call of its function gives."""
        values = list(_assigned(name, scope))
        yield from self._each(values, scope, known)
        in_order = [each.arg for each in scope.args.args if each.arg != "self"] if scope else []
        by_name = [each.arg for each in scope.args.kwonlyargs] if scope else []
        calls = self._calls[self._called(scope)] if scope and name in in_order + by_name else []
        for call in calls:
            given = dict(zip(in_order, call.args, strict=False)) | {each.arg: each.value for each in call.keywords}
            yield from self._read(given.get(name), self._function_of.get(call), known)
        if not values and not calls:
            yield VARIABLE


def _name(node: ast.AST | None) -> str:
    """What a name or an attribute is called at its end."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _assigned(name: str, scope: Function | None) -> Sequence[ast.expr]:
    """What a function assigns to a variable of its own."""
    return _assignments(scope).get(name, []) if scope else []


@functools.cache
def _assignments(scope: Function) -> dict[str, list[ast.expr]]:
    """What a function assigns to each of its variables."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(scope):
        pairs: list[tuple[ast.expr, ast.expr]]
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                pairs = list(zip(targets, values, strict=True))
            case ast.Assign(targets=targets, value=value):
                pairs = [(target, value) for target in targets]
            case ast.NamedExpr(target=target, value=value):
                pairs = [(target, value)]
            case _:
                continue
        for variable, assigned in pairs:
            found.setdefault(_name(variable), []).append(assigned)
    return found


def _is_local(part: ast.expr, scope: Function | None) -> bool:
    return any(isinstance(each, ast.JoinedStr | ast.IfExp) for each in _assigned(_name(_inside(part)), scope))


def _inside(part: ast.expr) -> ast.expr:
    return part.value if isinstance(part, ast.FormattedValue) else part


def _is_property(function: Function) -> bool:
    return "property" in map(_name, function.decorator_list)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _has_words(text: str) -> bool:
    return sum(character.isalpha() for character in text) > 5
