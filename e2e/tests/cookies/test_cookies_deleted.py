"""delete_cookie expires the cookie at once and for good, and no other"""

import pytest
from playwright.sync_api import Page, expect

from cookieproof import Visitor, expect_cookie


def test_a_deleted_cookie_is_gone_at_once_and_no_other(visitor: Visitor) -> None:
    visitor.goto("/delete_cookie")  # nothing to delete yet, and nothing comes of it
    expect_cookie(visitor, "Itcast_1").never_to_be_set()

    visitor.goto("/set_cookie")
    visitor.goto("/delete_cookie")

    expect_cookie(visitor, "Itcast_1").to_be_deleted()
    assert "Itcast_1" not in visitor.stored
    expect_cookie(visitor, "Itcast_2").to_be_sent(value="python_2")
    expect_cookie(visitor, "Itcast_3").to_be_sent(value="python_3")


def test_reading_a_cookie_answers_sensibly_whether_it_is_there_or_not(page: Page) -> None:
    for visit, answer in [
        ("/", "sent no cookie of this name"),
        ("/set_cookie", "Your browser sent python_1"),
        ("/delete_cookie", "sent no cookie of this name"),
    ]:
        page.goto(visit)
        page.goto("/get_cookie")
        expect(page.get_by_text(answer)).to_be_visible()


@pytest.mark.site("../apps/article.py:create_app")
def test_the_articles_misspelt_deletion_leaves_the_cookie_alive_and_is_caught(visitor: Visitor) -> None:
    visitor.goto("/set_cookie")
    visitor.goto("/delete_cookie")
    expect_cookie(visitor, "Itcast_1").to_be_sent(value="python_1")
    with pytest.raises(AssertionError, match=r'A response deleted "Itcast1": did you mean "Itcast_1"\?'):
        expect_cookie(visitor, "Itcast_1").to_be_deleted()
