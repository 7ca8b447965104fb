"""The timeline of a check shows when each cookie was set, sent, refused, deleted or expired"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cookieproof.cookies.exchange import Exchange, SetCookie
from cookieproof.cookies.storage import StorageChange
from cookieproof.cookies.timeline import MOST_COLUMNS, Event, draw

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def visit(second: float, path: str = "/", cookie: str | None = None, *set_cookies: str, host: str = "localhost") -> Any:
    return Exchange(7, 1, at(second), "GET", host, path, 200, cookie, tuple(map(SetCookie, set_cookies)))


def asked(second: float, *cookies: str, path: str = "/") -> Event:
    return Event(at(second), "asked", path, 7, "localhost", cookies)


def drawn(*moments: Any) -> dict[str, Any]:
    """The picture's only lane: its bars, and its marks without the reasons."""
    wire = [moment for moment in moments if isinstance(moment, Exchange)]
    picture = draw([moment for moment in moments if isinstance(moment, Event)], wire)
    (lane,) = picture["lanes"]
    return {"bars": lane["bars"], "marks": [mark[:2] for mark in lane["marks"]]}


CLOSED, OPENED = Event(at(3), "browser closed", visitor=7), Event(at(4), "browser opened", visitor=7)


@pytest.mark.parametrize(
    ("moments", "bars", "marks"),
    [
        pytest.param(
            (visit(1, "/", None, "a=1"), asked(2, "a"), CLOSED, OPENED, asked(5)),
            [[0, 2, "session"]],
            [[0, "set"], [1, "sent"], [2, "ended"]],
            id="ends-with-the-browser",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1; Max-Age=60"), asked(2, "a"), CLOSED, OPENED, visit(5, "/", "a=1")),
            [[0, 4, "age"]],
            [[0, "set"], [1, "sent"], [4, "sent"]],
            id="lives-for-an-age",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1; Max-Age=60"), asked(2, "a"), Event(at(70), "clock moved", "+1"), asked(71)),
            [[0, 2, "age"]],
            [[0, "set"], [1, "sent"], [2, "expired"]],
            id="expires",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1"), visit(2, "/off", "a=1", "a=; Max-Age=0"), asked(3)),
            [[0, 1, "session"]],
            [[0, "set"], [1, "deleted"]],
            id="deleted",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1; Secure"), asked(2), asked(3)),
            [[0, 0, "session"]],
            [[0, "refused"]],
            id="refused",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1; SameSite=None"), asked(2)),
            [],
            [[0, "refused"]],
            id="refused-with-its-cause",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1"), visit(2, "/off", "a=1", "a=; Max-Age=0; SameSite=None"), asked(3, "a")),
            [[0, 2, "session"]],
            [[0, "set"], [1, "refused"], [2, "sent"]],
            id="deletion-refused",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1; Path=/deep"), asked(2), asked(3, "a", path="/deep/er")),
            [[0, 2, "session"]],
            [[0, "set"], [2, "sent"]],
            id="of-another-path",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1"), asked(2, "a"), CLOSED, OPENED, asked(5, "a")),
            [[0, 2, "session"], [4, 4, "session"]],
            [[0, "set"], [1, "sent"], [2, "ended"], [4, "sent"]],
            id="sent-though-it-should-have-ended",
        ),
        pytest.param(
            (visit(1), visit(2, "/", "a=1"), visit(3, "/style.css", "a=1")),
            [[1, 1, "session"]],
            [[1, "sent"]],
            id="set-by-a-script",
        ),
        pytest.param(
            (visit(1, "/", None, "a=1"), visit(2, "/", "a=1", "a=2; Max-Age=60"), asked(3, "a")),
            [[0, 1, "session"], [1, 2, "age"]],
            [[0, "set"], [1, "set"], [2, "sent"]],
            id="set-again",
        ),
    ],
)
def test_what_becomes_of_a_cookie(moments: Any, bars: Any, marks: Any) -> None:
    assert drawn(*moments) == {"bars": bars, "marks": marks}


def test_what_is_alike_shares_a_column_and_there_is_an_end_to_them() -> None:
    wire = [visit(1, "/", None, "a=1"), *(visit(second, f"/{second}", "a=1") for second in range(2, 5))]
    picture = draw([], wire)
    assert [(column["label"], column.get("more")) for column in picture["columns"]] == [
        ("GET /", None),
        ("GET /2", "2"),
    ]
    many = [visit(second, "/", "a=1", f"a={second}") for second in range(2 * MOST_COLUMNS)]
    assert len(draw([], many)["columns"]) == MOST_COLUMNS


def test_two_hosts_and_two_visitors_are_told_apart() -> None:
    other = Exchange(9, 1, at(2), "GET", "localhost", "/", 200, None, (SetCookie("a=1"),))
    picture = draw([], [visit(1, "/", None, "a=1"), visit(1, "/", None, "a=1", host="shop.localhost"), other])
    lanes = [(lane["who"], lane["where"]) for lane in picture["lanes"]]
    assert lanes == [("visitor 1", "localhost/"), ("visitor 1", "shop.localhost/"), ("visitor 2", "localhost/")]


def test_a_partitioned_cookie_is_another_one() -> None:
    parted = visit(2, "/", "a=1", "a=2; Secure; Partitioned; Priority=High")
    picture = draw([], [visit(1, "/", None, "a=1"), parted])
    assert [(lane["where"], lane["marks"]) for lane in picture["lanes"]] == [
        ("localhost/", [[0, "set", "a=1"], [1, "sent", ""]]),
        ("localhost/, partitioned", [[1, "set", "a=2; Secure; Partitioned; Priority=High"]]),
    ]


def looked(second: float, *changes: StorageChange) -> Event:
    return Event(at(second), "storage", "a", 7, "localhost", storage=changes)


def test_what_pages_keep_has_a_lane_for_each_name() -> None:
    set_both = looked(2, StorageChange("local", "a", "1"), StorageChange("session", "a", "2"))
    other, removed = looked(5, StorageChange("local", "a", "3")), looked(6, StorageChange("local", "a", None))
    wire = [visit(1, "/", None, "a=1"), visit(7, "/", None)]
    picture = draw([set_both, CLOSED, OPENED, other, removed], wire)
    assert [(lane["name"], lane["where"], lane["bars"]) for lane in picture["lanes"]] == [
        ("a", "localhost/", [[0, 2, "session"]]),
        ("a", "localhost localStorage", [[1, 4, "kept"], [4, 5, "kept"]]),
        ("a", "localhost sessionStorage", [[1, 2, "session"]]),
    ]
    assert picture["lanes"][1]["marks"] == [
        [1, "set", "seen as 1"],
        [4, "set", "seen as 3"],
        [5, "deleted", "seen to be removed"],
    ]
    assert [mark[1] for mark in picture["lanes"][2]["marks"]] == ["set", "ended"]


def test_no_cookie_lives_for_more_than_400_days() -> None:
    day = 24 * 3600
    moved = Event(at(401 * day), "clock moved", "+401 d")
    assert drawn(visit(1, "/", None, "a=1; Max-Age=999999999"), visit(2, "/", "a=1"), moved, asked(401 * day + 1)) == {
        "bars": [[0, 2, "age"]],
        "marks": [[0, "set"], [1, "sent"], [2, "expired"]],
    }
