"""Reads ``playwright.config.py``: which site, which browsers, what is recorded, as ``playwright.config.ts`` says it.

The file lies in pytest's root folder and may define any field of ``Settings``. A command-line option wins over it.
"""

from __future__ import annotations

import inspect
import os
import runpy
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import GenericAlias, MappingProxyType
from typing import Any, Literal, NoReturn, TypedDict

from playwright.sync_api import Browser, BrowserType

from cookieproof.errors import CookieproofError, did_you_mean

FILE = "playwright.config.py"
TYPE_NAMES = {
    str: "a text",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    dict: "a dict",
    list: "a list",
}


class WebServer(TypedDict, total=False):
    """``web_server`` of playwright.config.py: the site that the harness serves.

    ``app`` is spelled as ``flask --app`` spells it, ``config`` are Flask's values of any type, ``env`` environment
    variables. ``setup`` is a shell command that runs before the app first starts, such as ``"flask --app shop
    init-db"``, once for each ``config`` and ``env``, which it is given; it is ended after 100 s. ``hosts`` are host
    names that lead visitors to the site at ports 80 and 443: ``"www.shop.example"``, ``"*.shop.example"``. With
    ``https`` every URL of the site is https where no scheme is named: ``site.url`` and ``site.at(host)``, and so
    visitors, lifetimes and ``page``. It holds for all apps of the run. ``{tmp}`` in a text of ``config``, ``env`` or
    ``setup`` is a fresh folder, one per worker.

    An app is served behind a proxy that it trusts, unless ``trusts_proxy`` is False. Instead of an ``app``, ``command``
    is a shell command that serves the site at ``{port}``, in the folder ``cwd``; it is there once it answers at the
    path ``url``, within ``timeout`` milliseconds.
    """

    app: str
    config: dict[str, Any]
    env: dict[str, str]
    setup: str
    https: bool
    hosts: list[str]
    trusts_proxy: bool
    command: str
    url: str
    cwd: str
    timeout: int


class ViewportSize(TypedDict):
    """``viewport`` of ``use``: the page's width and height in CSS pixels."""

    width: int
    height: int


class Use(TypedDict, total=False):
    """``use`` of playwright.config.py: how the browser is started and what is recorded, as Playwright defines it.

    ``browser`` is what ``--browser`` takes, ``channel`` a build of it ("chrome", "msedge", "chromium-headless-shell"),
    ``device`` a name of ``playwright.devices``. ``slow_mo`` is in milliseconds. ``launch_options`` are any further
    options of ``BrowserType.launch``, ``context_options`` any of ``Browser.new_context``.
    """

    browser: Literal["chromium", "firefox", "webkit"]
    channel: str
    device: str
    headless: bool
    slow_mo: float
    trace: Literal["on", "off", "retain-on-failure"]
    screenshot: Literal["on", "off", "only-on-failure"]
    video: Literal["on", "off", "retain-on-failure"]
    viewport: ViewportSize
    locale: str
    timezone_id: str
    color_scheme: Literal["light", "dark", "no-preference"]
    launch_options: dict[str, Any]
    context_options: dict[str, Any]


class _Named(TypedDict):
    name: str


class Project(_Named, total=False):
    """One of the ``projects``: a ``name`` for ``--project``, and what it adds to or changes in the file's ``use``."""

    use: Use


class Expect(TypedDict, total=False):
    """``expect`` of playwright.config.py: the milliseconds that Playwright's ``expect`` waits at most."""

    timeout: float


@dataclass(frozen=True)
class Settings:
    """What playwright.config.py sets; each field has a default.

    ``timeout`` is how many milliseconds a test may take, its fixtures included; None for pytest-timeout's own option,
    or 120,000 if that is not given. 0 is no limit. ``base_url`` is the URL of a site that runs elsewhere, instead of
    ``web_server``. One run is one of the ``projects``: the one that ``--project`` names, else the first.

    With ``strict`` a check that can prove nothing (without a C compiler, for example) fails instead of being skipped;
    ``strict`` is on where CI is set. ``require`` lists what else must be installed, by the names of ``python -m
    cookieproof install``: a test that lacks one of them fails, and is skipped with the reason where nobody requires
    it. ``allow_hosts`` are hosts beyond this machine that visitors' browsers may reach, ``"cdn.example"`` or
    ``"*.cdn.example"``: all others but the site's own are refused. ``sites`` are further sites, by the host that leads
    visitors to each at ports 80 and 443: ``{"idp.example": {"app": "idp:create_app"}}``.
    """

    web_server: WebServer = field(default_factory=WebServer)
    base_url: str | None = None
    use: Use = field(default_factory=Use)
    projects: list[Project] = field(default_factory=list)
    timeout: float | None = None
    expect: Expect = field(default_factory=Expect)
    output_dir: str = "test-results"
    strict: bool = field(default_factory=lambda: bool(os.environ.get("CI")))
    require: list[str] = field(default_factory=list)
    allow_hosts: list[str] = field(default_factory=list)
    sites: dict[str, WebServer] = field(default_factory=dict)

    def for_run(self, project: str | None, browser: str | None) -> tuple[str | None, Settings]:
        """Return the name of the run's project (None without projects) and the settings with that project's ``use``.

        ``project`` and ``browser`` are from the command line. Raises ``CookieproofError`` if they contradict.
        """
        uses = {each["name"]: typing.cast(Use, {**self.use, **each.get("use", {})}) for each in self.projects}
        if project and project not in uses:
            some = f"{FILE} has: {', '.join(uses)}." if uses else f"{FILE} has no projects."
            raise CookieproofError(f'--project "{project}" is not there; {some}{did_you_mean(project, uses)}')
        if project and browser and browser != _browser(uses[project]):
            raise CookieproofError(
                f"--project {project} is of {_browser(uses[project])}: leave out --browser {browser}, "
                "since one run is one project."
            )
        if not project:
            project = next((name for name in uses if browser in (None, _browser(uses[name]))), None)
        use = uses[project] if project else self.use
        if browser and browser != _browser(use):
            use = typing.cast(Use, {**use, "browser": browser})
            use.pop("channel", None)  # another browser's
        return project, replace(self, use=use)


def _browser(use: Use) -> str:
    return use.get("browser", "chromium")


def load(root: Path, site_keys: Mapping[str, Any] = MappingProxyType({})) -> Settings:
    """Return the settings of ``playwright.config.py`` in the folder ``root``; the defaults if there is no such file.

    ``site_keys`` are the types of the keys that kinds of site add to ``web_server``. Raises ``CookieproofError``.
    """
    path = root / FILE
    if not path.exists():
        return Settings()
    try:
        found = runpy.run_path(str(path))
    except Exception as error:
        raise CookieproofError(f"{FILE} cannot be read: {type(error).__name__}: {error}") from error
    hints = typing.get_type_hints(Settings)
    keys = {**typing.get_type_hints(WebServer), **site_keys}
    hints["web_server"] = TypedDict("WebServer", keys, total=False)  # type: ignore[operator]
    hints["sites"] = GenericAlias(dict, (str, hints["web_server"]))
    known = [each.name for each in fields(Settings)]
    for name, value in found.items():
        if name in known:
            _check(name, value, hints[name])
        elif not name.startswith("_") and isinstance(value, str | int | float | dict | list | tuple):
            _refuse(name, "", known, "A helper of your own starts with an underscore.")
    settings = Settings(**{name: found[name] for name in known if name in found})
    names = [project["name"] for project in settings.projects]
    for name in names:
        if names.count(name) > 1:
            raise CookieproofError(f"{FILE}: two projects have the name {name!r}; give each a name of its own.")
    return settings


def _check(where: str, value: object, hint: Any) -> None:
    """Raise ``CookieproofError`` unless the value has the type of the hint; ``where`` names the value."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if typing.is_typeddict(hint):
        if not isinstance(value, dict):
            _wrong(where, value, f"a dict with the keys {', '.join(typing.get_type_hints(hint))}")
        hints = typing.get_type_hints(hint)
        for key, entry in value.items():
            if key not in hints:
                _refuse(key, where, hints)
            _check(f"{where}[{key!r}]", entry, hints[key])
        for key in hint.__required_keys__ - value.keys():
            _wrong(where, value, f"a dict with the key {key}, which is not there")
        for options, function in (("launch_options", BrowserType.launch), ("context_options", Browser.new_context)):
            for key in value.get(options, {}):
                choices = inspect.signature(function).parameters.keys() - {"self"}
                if key not in choices:
                    _refuse(key, f"{where}[{options!r}]", choices)
    elif origin is Literal:
        if value not in arguments:
            text = ", ".join(map(repr, arguments))
            _wrong(where, value, text + "." + did_you_mean(str(value), arguments))
    elif origin is list:
        _check(where, value, list)
        for number, entry in enumerate(typing.cast(list[object], value)):
            _check(f"{where}[{number}]", entry, arguments[0])
    elif origin is dict:
        _check(where, value, dict)
        for key, entry in typing.cast(dict[str, object], value).items():
            _check(f"{where}[{key!r}]", entry, arguments[1])
    elif arguments:  # a union: the first is the type, the other None
        if value is not None:
            _check(where, value, arguments[0])
    elif hint is not Any:
        is_number = hint in (int, float) and isinstance(value, bool)  # True is an int to Python, and to nobody else
        if is_number or not isinstance(value, (int, float) if hint is float else hint):
            _wrong(where, value, TYPE_NAMES[hint])


def _wrong(where: str, value: object, allowed: str) -> NoReturn:
    raise CookieproofError(f"{FILE}: {where} is {value!r}; allowed: {allowed.removesuffix('.')}.".replace("?.", "?"))


def _refuse(key: object, where: str, allowed: Iterable[str], more: str = "") -> NoReturn:
    place = f": {where} has no {key!r}" if where else f" knows no {key!r}"
    told = f"{FILE}{place}; allowed: {', '.join(sorted(allowed))}.{did_you_mean(str(key), allowed)}"
    raise CookieproofError(f"{told} {more}".rstrip())
