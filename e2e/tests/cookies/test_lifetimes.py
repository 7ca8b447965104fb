"""Each cookie of the shop lives as long as was promised, and no longer"""

from datetime import timedelta

import pytest

from cookieproof import WITH_THE_BROWSER, Lifetime, Visitor, prove_lifetimes
from tests.support.shop import press, sign_in, sign_out


def signing_in(visitor: Visitor) -> None:
    sign_in(visitor.page, "Ada", at=visitor.url)


def staying_signed_in(visitor: Visitor) -> None:
    sign_in(visitor.page, "Ada", keep=True, remember=True, at=visitor.url)


def staying_for_7_days(visitor: Visitor) -> None:
    sign_in(visitor.page, "Ada", keep=True, at=visitor.url)


def signing_out(visitor: Visitor) -> None:
    sign_out(visitor.page, at=visitor.url)


def filling_the_cart(visitor: Visitor) -> None:
    press(visitor.page, "Add apples", at=visitor.url)


SHOP = [
    Lifetime("Itcast_1", set_by="/set_cookie", lasts=WITH_THE_BROWSER, deleted_by="/delete_cookie"),
    Lifetime("Itcast_2", set_by="/set_cookie", lasts=WITH_THE_BROWSER),
    Lifetime("Itcast_3", set_by="/set_cookie", lasts=timedelta(hours=1)),
    Lifetime("session", set_by=filling_the_cart, lasts=WITH_THE_BROWSER),
]
test_lifetimes = pytest.mark.every_engine(prove_lifetimes(SHOP))

# A list is proven in one go, by one worker on one machine: these take as long as the others together.
SIGNED_IN = [
    Lifetime(
        "session",
        set_by=signing_in,
        lasts=WITH_THE_BROWSER,
        deleted_by=signing_out,
        path="/whoami",
        shows="You are signed in as Ada",
    ),
    Lifetime("session", set_by=staying_signed_in, lasts=timedelta(days=7), renewed_by="/", deleted_by=signing_out),
    Lifetime("remembered_name", set_by=staying_signed_in, lasts=timedelta(days=365), deleted_by=signing_in),
]
test_lifetimes_of_a_sign_in = pytest.mark.every_engine(prove_lifetimes(SIGNED_IN))

WITHOUT_RENEWAL = [Lifetime("session", set_by=staying_for_7_days, lasts=timedelta(days=7))]
test_without_renewal = pytest.mark.site(SESSION_REFRESH_EACH_REQUEST=False)(prove_lifetimes(WITHOUT_RENEWAL))
