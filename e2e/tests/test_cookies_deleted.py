"""delete_cookie expires the cookie at once and for good, and no other"""

import pytest
from cookieproof import expect_cookie
from cookieproof.visitor import Visitor


def test_a_deleted_cookie_is_gone_at_once_and_after_a_restart(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    visitor.goto("/delete_cookie")
    expect_cookie(visitor, "Itcast_1").to_be_deleted()
    expect_cookie(visitor, "Itcast_2").to_be_sent(value="python_2")
    expect_cookie(visitor, "Itcast_3").to_be_sent(value="python_3")
    assert "Itcast_1" not in visitor.stored

    visitor.restart()

    expect_cookie(visitor, "Itcast_1").not_to_be_sent()
    expect_cookie(visitor, "Itcast_3").to_be_sent(value="python_3")


def test_reading_a_cookie_answers_sensibly_whether_it_is_there_or_not(visitor: Visitor) -> None:
    assert visitor.goto("/get_cookie").status == 200
    assert visitor.page.get_by_text("sent no cookie of this name").is_visible()
    visitor.goto("/set_cookie")
    visitor.goto("/get_cookie")
    assert visitor.page.get_by_text("python_1").is_visible()
    visitor.goto("/delete_cookie")
    assert visitor.goto("/get_cookie").status == 200
    assert visitor.page.get_by_text("sent no cookie of this name").is_visible()


def test_deleting_what_was_never_set_changes_nothing(visitor: Visitor) -> None:
    assert visitor.goto("/delete_cookie").status == 200
    expect_cookie(visitor, "Itcast_1").never_to_be_set()


@pytest.mark.site("apps/article.py:create_app")
def test_the_articles_misspelt_deletion_leaves_the_cookie_alive_and_is_caught(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    visitor.goto("/delete_cookie")
    expect_cookie(visitor, "Itcast_1").to_be_sent(value="python_1")
    with pytest.raises(AssertionError, match=r'A response deleted "Itcast1": did you mean "Itcast_1"\?'):
        expect_cookie(visitor, "Itcast_1").to_be_deleted()
