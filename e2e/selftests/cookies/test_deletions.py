"""A deletion that does not delete is explained"""

import re

import pytest

from cookieproof import Site, Visitor, expect_cookie

pytestmark = pytest.mark.site("../apps/deletions.py:create_app")
PATH = "it was set for the path {} and deleted for the path {}"
REFUSES = "the browser refuses the deletion itself, since "
ONLY_HOST, ALL = "only shop.localhost (no Domain)", "every host of shop.localhost (Domain=shop.localhost)"
OF_ALL = "domain=shop.localhost"


# Where, which name, how it is set and how deleted: each in one life, under a name of its own.
CAUSES = [
    ("http://localhost", "a", "path=/deep", "", PATH.format("/deep", "/")),
    ("http://localhost", "b", "", "path=/deep", PATH.format("/", "/deep")),
    ("http://shop.localhost", "c", OF_ALL, "", f"it was set for {ALL} and deleted for {ONLY_HOST}"),
    ("http://shop.localhost", "d", "", OF_ALL, f"it was set for {ONLY_HOST} and deleted for {ALL}"),
    ("http://localhost", "e", "", "same_site=None", REFUSES + "it has SameSite=None without Secure"),
    ("http://localhost", "f", "", "domain=evil.test", REFUSES + "localhost cannot speak for Domain=evil.test"),
    ("http://localhost", "__Secure-g", "secure=1", "", REFUSES + "its name begins with __Secure- and it lacks Secure"),
    ("http://localhost", "__Host-h", "secure=1", "", REFUSES + "its name begins with __Host- and it lacks Secure"),
    (
        "http://localhost",
        "__Host-i",
        "secure=1",
        "secure=1&path=/x",
        REFUSES + "its name begins with __Host- and it needs Path=/ and no Domain",
    ),
    ("http://localhost", "j", "", "partitioned=1", REFUSES + "it has Partitioned without Secure"),
    ("http://shop.test", "k", "", "secure=1", REFUSES + "it has Secure and came over plain http from shop.test"),
    ("http://localhost", "l", "", "sets_it_again=1", "the response that deleted it set it again (l=again; Path=/)"),
    (
        "http://localhost",
        "m",
        "",
        "forgets_to_expire=1",
        "GET /delete only emptied it (m=; Path=/): a cookie",
    ),
    (
        "http://localhost",
        "n",
        "secure=1&partitioned=1",
        "secure=1",
        "it was set with Partitioned and deleted without, which is another cookie",
    ),
]


def explained(visitor: Visitor, name: str) -> str:
    """What is said of a deletion that did not work."""
    with pytest.raises(AssertionError) as failure:
        expect_cookie(visitor, name).to_be_deleted()
    said = re.match(rf'cookie "{name}" should be deleted, but it lives on: (.*)\.\n', str(failure.value))
    assert said, failure.value
    return said[1]


@pytest.mark.every_engine
def test_every_cause_is_named(visitor: Visitor, site: Site) -> None:
    for origin, name, setting, deletion, why in CAUSES:
        host = origin.removeprefix("http://")
        visitor.goto(f"/set?name={name}&{setting}", host=host)
        visitor.goto(f"/delete?name={name}&{deletion}")
        assert explained(visitor, name).startswith(why)

    visitor.goto(site.https.at("shop.test") + "/set?name=o&secure=1")
    visitor.goto("/delete?name=o", host="shop.test")  # over plain http
    assert explained(visitor, "o").startswith(
        REFUSES + "what comes over plain http cannot touch the Secure cookie of this name that the browser holds"
    )

    for address in ("/set?name=p", "/delete?name=p", "/set?name=p"):
        visitor.goto(address, host="localhost")
    assert explained(visitor, "p") == "it was deleted, and then set again by GET /set (p=1; Path=/)"

    # Of two cookies of one name the one that lives is explained.
    for address in ("/set?name=q", "/set?name=q&path=/deep", "/delete?name=q"):
        visitor.goto(address)
    assert explained(visitor, "q") == PATH.format("/deep", "/")
    visitor.goto("/delete?name=q&path=/deep")
    expect_cookie(visitor, "q").to_be_deleted()

    shop = site.at("shop.localhost")
    visitor.goto(f"{shop}/set?name=r&same_site=Lax")
    visitor.goto(f"/from_another_site?to={shop}/delete%3Fname=r%26same_site=Lax", host="evil.localhost")
    visitor.wait_for_network_idle()
    visitor.goto("/", host="shop.localhost")
    assert explained(visitor, "r").startswith("another site asked for the response that deletes it")


FRAMED = """url => new Promise(done => {
    const frame = document.createElement("iframe");
    frame.onload = done;
    frame.src = url;
    document.body.append(frame);
})"""


def test_a_deletion_in_another_partition_is_named(visitor: Visitor, site: Site) -> None:
    cookie = "name=p&secure=1&partitioned=1&same_site=None"
    visitor.goto(site.https.at("shop.test"))
    visitor.page.evaluate(FRAMED, f"{site.https.at('widget.test')}/set?{cookie}")
    visitor.goto(f"{site.https.at('widget.test')}/delete?{cookie}")
    says = "it is kept in frames of shop.test, and was deleted outside of them, where it is another cookie"
    assert explained(visitor, "p") == says


def test_a_deletion_of_every_kind_that_is_right_is_believed_and_stays(visitor: Visitor, site: Site) -> None:
    kinds = [
        (site.url, "a", "path=/deep"),
        (site.at("shop.localhost"), "b", OF_ALL),
        (site.url, "__Host-c", "secure=1"),
        (site.url, "d", "same_site=None&secure=1"),
        (site.url, "e", "partitioned=1&secure=1"),
        (site.https.at("shop.test"), "f", "secure=1"),
        (site.url, "g", ""),
    ]
    for origin, name, attributes in kinds:
        visitor.goto(f"{origin}/set?name={name}&{attributes}&max_age=3600")
        assert name in {cookie.name for cookie in visitor.stored_list}
        other_tab = visitor.context.new_page()
        other_tab.goto(f"{origin}/delete?name={name}&{attributes}")
        expect_cookie(visitor, name).to_be_deleted()
        assert name not in visitor.page.evaluate("document.cookie")
        other_tab.close()

    visitor.restart()
    visitor.crash()
    visitor.open()
    for origin, name, _ in kinds:
        visitor.goto(origin + "/")
        expect_cookie(visitor, name).not_to_be_sent()
