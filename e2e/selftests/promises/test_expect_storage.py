"""What pages keep in localStorage, sessionStorage and IndexedDB is expected, and no expectation passes vacuously"""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from cookieproof import CookieproofError, Site, Visitor, expect_storage
from cookieproof.cookies.timeline import draw

pytestmark = pytest.mark.site("../apps/storage.py:create_app")


def act(visitor: Visitor, query: str) -> None:
    """Have a page do these things, one after the other."""
    visitor.goto(f"/?{query}")
    visitor.page.get_by_text("done").wait_for()


@pytest.mark.every_engine
def test_what_outlives_the_browser_is_kept_and_the_rest_is_gone(visitor: Visitor, site: Site) -> None:
    act(visitor, "local=token=1&session=draft=2&indexed=cart=3&local=dropped=4")
    assert [(each.kind, each.name, each.value) for each in visitor.storage] == [
        ("local", "dropped", "4"),
        ("local", "token", "1"),
        ("session", "draft", "2"),
        ("indexed_db", "shop/tokens/cart", '{"is":"3"}'),
    ]
    expect_storage(visitor, "draft", kind="session").to_be_kept(value="2")
    act(visitor, "drop=dropped")
    expect_storage(visitor, "dropped").to_be_gone()

    visitor.restart()
    asked = len(site.wire)
    expect_storage(visitor, "token").to_be_kept()
    expect_storage(visitor, "shop/tokens/cart", kind="indexed_db").to_be_kept()
    expect_storage(visitor, "draft", kind="session").to_be_gone()
    with pytest.raises(AssertionError, match=r'"draft" in sessionStorage should be kept, but is gone\.'):
        expect_storage(visitor, "draft", kind="session").to_be_kept()
    lanes = {(each["name"], each["where"]): each for each in draw(site.events, site.wire)["lanes"]}
    marks = {name: [mark[1] for mark in lane["marks"]] for (name, _), lane in lanes.items()}
    kept = {"token": ["set"], "shop/tokens/cart": ["set"]}
    assert marks == {**kept, "draft": ["set", "ended"], "dropped": ["set", "deleted"]}
    assert len(site.wire) == asked  # no page was visited for it
    assert [page.url for page in visitor.context.pages] == ["about:blank"]

    framed = f"{site.at('shop.localhost')}/?{urlencode({'local': 'token=framed'})}"
    visitor.goto(f"{site.at('top.localhost')}/plain?{urlencode({'of': framed})}")
    [frame] = visitor.page.frames[1:]
    frame.get_by_text("done").wait_for()
    expect_storage(visitor, "token", frame=frame).to_be_kept(value="framed")
    assert [(each.value, each.partition) for each in visitor.storage] == [("framed", "http://top.localhost")]
    with pytest.raises(AssertionError, match=r"is there: 'framed'\.\n.* in frames of top\.localhost:"):
        expect_storage(visitor, "token", frame=frame).to_be_gone()
    visitor.goto(f"{site.at('shop.localhost')}/plain")
    expect_storage(visitor, "token").never_to_be_set()  # the partition is of no matter to the host itself


@pytest.mark.every_engine
def test_none_passes_for_want_of_evidence(visitor: Visitor) -> None:
    token = expect_storage(visitor, "token")
    with pytest.raises(CookieproofError, match=r'kind=\'cookie\'\) is none of "local", "session" and "indexed_db"'):
        expect_storage(visitor, "token", kind="cookie")  # type: ignore[arg-type]
    visitor.goto("about:blank")
    with pytest.raises(AssertionError, match="no page of it was visited and looked at, which proves nothing"):
        token.never_to_be_set()

    act(visitor, "later=token=1")
    with pytest.raises(AssertionError, match=r"is there: '1', [\d.]+ \w+ after the network had become idle"):
        token.never_to_be_set(within=timedelta(seconds=20))
    expect_storage(visitor, "Token").never_to_be_set()
    never = r'was never seen there\. Did you mean "token"\?'
    with pytest.raises(AssertionError, match=f'"tokens" in localStorage should be kept, but {never}'):
        expect_storage(visitor, "tokens").to_be_kept()
    with pytest.raises(AssertionError, match=r"should be gone, but was never seen.* Did you mean"):
        expect_storage(visitor, "tokens").to_be_gone()
    with pytest.raises(AssertionError) as failure:
        token.to_be_gone()
    origin = re.escape(visitor.url)
    assert re.fullmatch(
        r'"token" in localStorage should be gone, but is there: \'1\'\.\n'
        rf"  seen from {origin}:\n"
        r"(    seen:       not there, life 1 at [\d:]+ UTC\n)+"
        r"    seen:       token=1, life 1 at [\d:]+ UTC\n"
        rf"    kept now:   token=1 in localStorage of {origin}",
        str(failure.value),
    )
    with pytest.raises(AssertionError, match="should be kept as '2', but is '1'"):
        token.to_be_kept(value="2")

    act(visitor, "drop=token")
    with pytest.raises(AssertionError, match="should be kept, but is gone"):
        token.to_be_kept()
    with pytest.raises(AssertionError, match="should never be set, but was seen there"):
        token.never_to_be_set()
    token.to_be_gone()
    expect_storage(visitor, "token", kind="session").never_to_be_set()
    visitor.move_to("other.localhost")
    with pytest.raises(AssertionError, match=r"Only a page of http://other\.localhost:\d+ shows its sessionStorage"):
        expect_storage(visitor, "token", kind="session").to_be_gone()
    with pytest.raises(AssertionError, match="should be gone, but was never seen there"):
        token.to_be_gone()


def test_a_page_that_sets_it_anew_has_not_kept_it(visitor: Visitor) -> None:
    act(visitor, "once=id&local=theme=dark&answers=1")
    visitor.restart()
    expect_storage(visitor, "id").to_be_kept()
    if visitor.engine.bypass_service_workers:  # it answers for every path of the origin
        expect_storage(visitor, "by-the-worker").never_to_be_set()
    visitor.goto("/plain")
    visitor.page.evaluate("localStorage.id = Math.random()")
    with pytest.raises(AssertionError, match="has another value than before the browser was opened"):
        expect_storage(visitor, "id").to_be_kept()
    expect_storage(visitor, "theme").to_be_kept()
