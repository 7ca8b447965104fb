"""What shows itself at the second or third visit alone is seen too"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cookieproof import WITH_THE_BROWSER, Clock, Lifetime, Visitor
from cookieproof.promises.scenarios.deleted import Deleted
from cookieproof.promises.scenarios.left_alone import LeftAlone
from selftests.support.judged import judged

pytestmark = pytest.mark.site("../apps/people.py:create_app")
HOUR = timedelta(hours=1)
ADA = "Signed in as Ada"


def by_a_worker(first: str, says: str) -> dict[Lifetime, str]:
    path = f"/by-a-worker/{first}"
    return {
        Lifetime("sid", set_by="/in", lasts=WITH_THE_BROWSER, path=path, shows=ADA, deleted_by="/out"): says,
        Lifetime("sid", set_by="/in-for-an-hour", lasts=HOUR, path=path, shows=ADA): says,
    }


def test_a_page_from_a_service_workers_cache_still_shows_who_was_signed_in(
    new_visitor: Callable[[], Visitor], clock: Clock
) -> None:
    people = by_a_worker("cache", r'still shows "Signed in as Ada" (once it was deleted|after its end)')
    people |= by_a_worker("site", "")
    wrong = judged(people, new_visitor, clock, [Deleted(), LeftAlone()])
    assert wrong == [], "\n".join(wrong)
