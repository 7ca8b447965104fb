"""For each promise of the shop there is a broken shop on which the promise's own check fails"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, expect

from cookieproof import Clock, NewVisitor
from cookieproof.browser.chromium import HEADLESS_SHELL
from cookieproof.plugin.stash import LAUNCHES
from cookieproof.promises.lifetimes import names_of
from cookieproof.promises.prove import prove
from cookieproof.promises.scenarios.browser_closed import BrowserClosed
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.left_alone import LeftAlone
from cookieproof.promises.scenarios.scenario import Scenario
from cookieproof.promises.scenarios.visited_soon_and_late import VisitedSoonAndLate
from selftests.support.broken_shop import BREAKING, FAILING, BrokenShop
from selftests.support.headless_shell import launch_options
from selftests.support.run_check import run_check
from tests.cookies import test_lifetimes

# A file for each concern of the shop: what it declares is gathered as it is imported.
for _file in sorted(Path(__file__).parent.glob("*.py")):
    if _file != Path(__file__):
        import_module(f"selftests.broken_shops.{_file.stem}")


# Checks of which the headless shell does not show what they look at: pages in memory, and sessions that are continued.
WHOLE_BROWSER = ("back_shows_nothing_of_mine", "that_a_browser_brings_back")


def served(shop: BrokenShop) -> pytest.MarkDecorator:
    return pytest.mark.site(f"{shop.__module__.rpartition('.')[2]}.py:{shop.__name__}", DATABASE="{tmp}/shop.sqlite")


def failing(*, on_a_store: bool) -> list[Any]:
    """The checks with what each must say, and with its store first if it is one of the sessions on the server."""
    found = []
    for shop, checks in FAILING.items():
        for each in checks:
            if bool(each.store) == on_a_store:
                values = (partial(check_named(each.check), **each.arguments), each.says)
                store = (each.store,) if on_a_store else ()
                marks = [served(shop)]
                if any(words in each.check for words in WHOLE_BROWSER):
                    marks.append(pytest.mark.whole_browser)
                found.append(pytest.param(*store, *values, marks=marks, id=shop.__name__))
    return found


def check_named(name: str) -> Callable[..., None]:
    file, _, function = name.partition("::")
    module = import_module(f"tests.{file.removesuffix('.py').replace('/', '.')}")
    check: Callable[..., None] = getattr(module, function)
    return check


@pytest.fixture(scope="module")
def browser(
    pytestconfig: pytest.Config, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Browser]:
    """For checks on a page: the headless shell, whose windows cost half as much. Visitors have the whole browser.

    Whether a check notices a broken shop is no matter of the browser; on the shop as it is, the checks run in it.
    """
    found = launch_options(browser_type)
    with browser_type.launch(**{**browser_type_launch_args, **found}) as browser:
        pytestconfig.stash[LAUNCHES].append(f"{HEADLESS_SHELL.title if found else 'Chromium'} {browser.version}")
        yield browser


@pytest.fixture(autouse=True)
def _what_is_not_there_is_not_waited_for_long() -> Iterator[None]:
    expect.set_options(timeout=1500)
    yield
    expect.set_options(timeout=5000)  # Playwright's own


@pytest.mark.parametrize(("check", "says"), failing(on_a_store=False))
def test_the_check_fails_on(check: Callable[..., None], says: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(AssertionError, match=says):
        run_check(check, request)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("_store", "check", "says"), failing(on_a_store=True), indirect=["_store"])
def test_the_check_of_a_store_fails_on(check: Callable[..., None], says: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(AssertionError, match=says):
        run_check(check, request)


@pytest.mark.parametrize(
    "says", [pytest.param(says, marks=served(shop), id=shop.__name__) for shop, says in BREAKING.items()]
)
def test_lifetimes_are_broken_by(says: dict[str, str], new_visitor: NewVisitor, clock: Clock) -> None:
    lifetimes = [*test_lifetimes.SHOP, *test_lifetimes.SIGNED_IN, *test_lifetimes.WITHOUT_RENEWAL]
    named = dict(zip(names_of(lifetimes), lifetimes, strict=True))
    # Those that sign in take long: of what is not to be broken the simple ones do.
    named = {name: each for name, each in named.items() if name in says or isinstance(each.set_by, str)}
    # Those that find them broken, of which the others would tell once more.
    scenarios: list[Scenario] = [LeftAlone(), BrowserClosed(), Deleted()]
    if any("soon after" in each for each in says.values()):
        scenarios.append(VisitedSoonAndLate())
    verdicts = prove(list(named.values()), new_visitor, clock, scenarios=scenarios)
    found = {name: verdicts[each].text for name, each in named.items()}
    assert {name for name, text in found.items() if text} == says.keys()
    assert {name: found[name] for name in says if says[name] not in found[name]} == {}
