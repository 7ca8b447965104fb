"""A lifetime that a visit ends is told with what the visit did"""

from datetime import timedelta

import pytest

from cookieproof import WITH_THE_BROWSER, Clock, Lifetime, NewVisitor
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.visited_half_way import VisitedHalfWay
from selftests.support.judged import judged

pytestmark = pytest.mark.site("../apps/causes.py:create_app")
ENDS = {
    "delete": r"a visit to /delete/delete half-way to its end ends it: GET /delete/delete deletes it",
    "clear": r"ends it: GET /clear/clear clears all cookies",
    "evict": r"ends it: the browser took 200 other cookies of .*localhost, and evicted it",
    "script": r"ends it: no answer deletes it, so a script does",
    "drop": r"a visit to /drop/drop half-way to its end takes its age from it, so that it ends with the browser",
    "shorten": r"a visit to /shorten/shorten half-way to its end has it end .* sooner",
    "nothing": "",
}


def test_what_a_visit_does_to_it_is_said(new_visitor: NewVisitor, clock: Clock) -> None:
    lifetimes = {
        Lifetime(how, set_by=f"/set?name={how}", lasts=timedelta(hours=1), path=f"/{how}/{how}"): says
        for how, says in ENDS.items()
    }
    wrong = judged(lifetimes, new_visitor, clock, [VisitedHalfWay()])
    assert not wrong, "\n".join(wrong)


def test_a_script_cannot_delete_what_is_http_only(new_visitor: NewVisitor, clock: Clock) -> None:
    lifetime = Lifetime(
        "a", set_by="/set?name=a&like=;%20HttpOnly", lasts=WITH_THE_BROWSER, path="/nothing/a", deleted_by="/script/a"
    )
    says = r"no response deleted it, and it lives on\. No script can, since it is HttpOnly"
    wrong = judged({lifetime: says}, new_visitor, clock, [Deleted()])
    assert not wrong, "\n".join(wrong)
