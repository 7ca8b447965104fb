"""Of a session's value each field is changed where it varies, and what is no secret may be ignored"""

from __future__ import annotations

import pytest

from cookieproof.promises.audit.changed_values import changes

# Values of two sign-ins of a kind, and the fields of the first that a site may ignore.
KINDS: dict[str, tuple[str, str, set[str]]] = {
    "random": ("k3bQ9xWz", "p0LmT7aa", set()),
    "Tomcat's, of one server": ("0BF1D4509E.node1", "77A6C01B2D.node1", {"node1"}),
    "Tomcat's, of two servers": ("0BF1D4509E.web-01", "77A6C01B2D.web-02", {"web-01"}),
    "HAProxy's": ("s1~k3bQ9xWz", "s2~p0LmT7aa", {"s1"}),
    "WebLogic's": ("k3bQ9xWz!-1034!7730", "p0LmT7aa!-2291!1034", {"-1034", "7730"}),
    "a counter": ("session7", "session8", set()),
    "a time that is not signed": ("k3bQ9xWz.1732812345", "p0LmT7aa.1732812346", set()),
    "signed": ("eyJhIjoxfQ.Z0cx1g.s3cR3tAA", "eyJhIjoxfQ.Z0cx2g.k9PzQ1BB", {"eyJhIjoxfQ"}),
    "the same at each sign-in": ("ada.0000", "ada.0000", set()),
    "of other fields at each sign-in": ("k3bQ.9xWz", "p0LmT7aa", set()),
    "without a letter": ("--", "~~", set()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_is_no_secret_may_be_ignored(kind: str) -> None:
    one, other, ignored = KINDS[kind]
    found = changes(one, [one, other])
    assert {each.field for each in found if each.may_be_ignored} == ignored
    assert any(not each.may_be_ignored for each in found)
    assert all(each.value != one for each in found)


def test_a_field_is_changed_where_it_varies() -> None:
    found = changes("abcdefgh", ["abcdefgh", "abXdXfXX"])
    assert [each.value for each in found] == ["ab1defgh", "abcdef1h"]
    found = changes("aaaa1aaaa.node1", ["aaaa1aaaa.node1", "bbbb2bbbb.node1"])
    assert [each.value for each in found] == [
        "1aaa1aaaa.node1",
        "aaaa2aaaa.node1",
        "aaaa1aa1a.node1",
        "aaaa1aaaa.no1e1",
    ]
