"""A cookie with letters beyond ASCII, quotes, blanks or no name is shown as the browser has it"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from cookieproof import Visitor, expect_cookie

pytestmark = [pytest.mark.every_engine, pytest.mark.site("../apps/odd_cookies.py:create_app")]

# The line, and name and value as they are sent.
LINES = [
    ("näme=välue", "näme", "välue"),
    ("漢=🍪", "漢", "🍪"),
    ("blank=x y", "blank", "x y"),
    ("b l=1", "b l", "1"),
    ('half="x', "half", '"x'),
    ('"q"=1', '"q"', "1"),
    ('quoted="q"', "quoted", '"q"'),
    ("equals==a=", "equals", "=a="),
    ("comma=a,b", "comma", "a,b"),
    ("empty=", "empty", ""),
    (" trimmed \t = x \t ", "trimmed", "x"),
]


def test_name_and_value_are_those_that_the_browser_sends(visitor: Visitor) -> None:
    for line, name, value in LINES:
        visitor.goto(f"/set?line={quote(line)}")
        expect_cookie(visitor, name).to_be_sent(value=value)
        assert visitor.stored[name].value == value
        expect_cookie(visitor, name).to_end_with_the_browser()
        visitor.goto(f"/set?line={quote(f'{line}; Max-Age=60')}")
        expect_cookie(visitor, name).to_expire_in(timedelta(seconds=60))
        expect_cookie(visitor, name).to_have(path="/", secure=False, domain=None)
        visitor.goto(f"/set?line={quote(f'{line}; Max-Age=0')}")
        expect_cookie(visitor, name).to_be_deleted()
        expect_cookie(visitor, name).not_to_be_sent()
    visitor.goto("/set?line=" + quote('quoted="q"'))
    expect_cookie(visitor, "quoted").to_be_sent(value="q")  # as Flask decodes it
    with pytest.raises(AssertionError, match="should be sent with the value '\"x\"', but is sent with 'q'"):
        expect_cookie(visitor, "quoted").to_be_sent(value='"x"')
    visitor.goto(f"/set?line={quote('näme=x y')}")
    with pytest.raises(AssertionError, match="should be sent with the value 'x', but is sent with 'x y'"):
        expect_cookie(visitor, "näme").to_be_sent(value="x")
    with pytest.raises(AssertionError, match=r'cookie "name" should be sent to /, but is not. Did you mean'):
        expect_cookie(visitor, "name").to_be_sent()


def test_what_flask_spells_a_cookie_without_a_name_and_octets_that_are_no_text(visitor: Visitor) -> None:
    for value in ('say "hi"', "x y", "ä;b", '"', "\\"):
        visitor.goto(f"/flask?name=a&value={quote(value)}")
        expect_cookie(visitor, "a").to_be_sent(value=value)

    visitor.goto("/set?line=alone; Max-Age=60")
    name, value = ("alone", "") if visitor.engine.browser == "firefox" else ("", "alone")
    expect_cookie(visitor, name).to_be_sent(value=value)
    expect_cookie(visitor, name).to_expire_in(timedelta(seconds=60))
    assert visitor.stored[name].value == value
    visitor.goto("/set?line=alone; Max-Age=0")
    expect_cookie(visitor, name).to_be_deleted()

    visitor.goto(f"/set-octets?line={(b'b=' + 4000 * bytes([0xFF])).hex()}")
    expect_cookie(visitor, "b").to_be_sent(value=4000 * "\ufffd")
    assert visitor.wire[-1].set_cookies[0].size == 4001
