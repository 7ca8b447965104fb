"""What a service worker keeps is nobody's"""

from playwright.sync_api import expect

from cookieproof import Visitor
from tests.support.shop import sign_in, sign_out


def test_signed_out_and_offline_nobody_sees_what_a_person_saw(visitor: Visitor) -> None:
    visitor.goto("/offline")
    expect(visitor.page.get_by_text("It is kept for that.")).to_be_visible()
    sign_in(visitor.page, "Ada")
    visitor.goto("/")
    assert "Ada" in visitor.page.locator("main").inner_text()
    sign_out(visitor.page)
    visitor.context.set_offline(True)
    for path in ("/", "/whoami"):
        visitor.goto(path)
        shown = visitor.page.locator("main").inner_text()
        assert "Ada" not in shown
        assert "Where there is no network" in shown
