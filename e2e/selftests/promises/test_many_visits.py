"""A promise that breaks only at the second or third visit is found broken"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cookieproof import WITH_THE_BROWSER, Clock, Lifetime, NewVisitor, Visitor
from cookieproof.promises.scenarios.browser_closed import BrowserClosed
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.left_alone import LeftAlone
from cookieproof.promises.scenarios.visited_half_way import VisitedHalfWay
from selftests.support.judged import judged

pytestmark = pytest.mark.site("../apps/people.py:create_app")
HOUR = timedelta(hours=1)
ADA = "Signed in as Ada"
LIVES_ON = r"does not delete it: it lives on"


def with_another_tab(visitor: Visitor) -> None:
    visitor.goto("/in")
    visitor.context.new_page().goto(visitor.page.url.replace("/in", "/other-tab"))


def out_with_another_tab(visitor: Visitor) -> None:
    visitor.goto("/plain/")
    tab = visitor.context.new_page()
    with tab.expect_response("**/beat?*"):
        tab.goto(visitor.page.url.replace("/plain/", "/other-tab"))
    visitor.goto("/out")
    with tab.expect_response("**/beat?*"):
        pass  # it has the session still


def by_turns(what: str, most: int, lasts: timedelta | None = None) -> Lifetime:
    path = f"/by-turns/{what}/{most}"
    renewed = {"renewed_by": path} if lasts else {}
    return Lifetime(what, set_by=path, lasts=lasts or WITH_THE_BROWSER, path=path, **renewed)


TURNS = {
    by_turns("aged", 99): "",
    by_turns("aged", 3): r"is still sent after the browser was closed and opened again",
    by_turns("aged", 4): "",  # as docs/limits.md says
    by_turns("grown", 10, HOUR): "",
    by_turns("grown", 1100, HOUR): r"is refused by the browser when GET /by-turns/grown/1100 sets it",
    by_turns("slid", 99, HOUR): "",
    by_turns("slid", 3, HOUR): r"by-turns/slid/3 renews it for",
    by_turns("slid", 6, HOUR): r"by-turns/slid/6 renews it for",
    by_turns("slid", 8, HOUR): "",  # as docs/limits.md says
}


def by_a_worker(first: str, says: str) -> dict[Lifetime, str]:
    path = f"/by-a-worker/{first}"
    return {
        Lifetime("sid", set_by="/in", lasts=WITH_THE_BROWSER, path=path, shows=ADA, deleted_by="/out"): says,
        Lifetime("sid", set_by="/in-for-an-hour", lasts=HOUR, path=path, shows=ADA): says,
    }


def test_a_page_from_a_service_workers_cache_still_shows_who_was_signed_in(
    new_visitor: NewVisitor, clock: Clock
) -> None:
    people = by_a_worker("cache", r'still shows "Signed in as Ada" (once it was deleted|after its end)')
    people |= by_a_worker("site", "")
    wrong = judged(people, new_visitor, clock, [Deleted(), LeftAlone()])
    assert not wrong, "\n".join(wrong)


def test_another_tab_is_open_as_long_as_the_step_that_opened_it(new_visitor: NewVisitor, clock: Clock) -> None:
    def declared(**steps: Callable[[Visitor], None] | str) -> Lifetime:
        return Lifetime("sid", lasts=WITH_THE_BROWSER, path="/plain/", **steps)  # type: ignore[arg-type]

    tabs = {
        declared(set_by=with_another_tab, deleted_by="/out"): "",
        declared(set_by="/in", deleted_by=out_with_another_tab): LIVES_ON,
    }
    wrong = judged(tabs, new_visitor, clock, [Deleted()])
    assert not wrong, "\n".join(wrong)


def test_what_breaks_after_some_visits_in_a_row(new_visitor: NewVisitor, clock: Clock) -> None:
    wrong = judged(TURNS, new_visitor, clock, [BrowserClosed(), VisitedHalfWay()])
    assert not wrong, "\n".join(wrong)
