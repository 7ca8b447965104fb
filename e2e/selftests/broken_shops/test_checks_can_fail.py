"""For each promise of the shop there is a broken shop on which the promise's own check fails"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, expect

from cookieproof import CookieproofError
from cookieproof.browser.chromium import HEADLESS_SHELL
from cookieproof.browser.engines import find
from cookieproof.clock.clock import Clock
from cookieproof.plugin.stash import LAUNCHES
from cookieproof.promises.lifetimes import names_of
from cookieproof.promises.prove import prove
from cookieproof.visitor.visitor import Visitor
from selftests.support.run_check import run_check
from tests.browsers import test_every_ending
from tests.cookies import test_cookies_deleted, test_lifetimes, test_limits, test_out_of_reach, test_remembered_name
from tests.pages import test_cart, test_pages
from tests.sessions import test_secret_key, test_session_lifetimes, test_sessions, test_who_must_stay_out
from tests.stores import test_session_stores

BROKEN = [
    (
        "script_readable_cookies",
        test_out_of_reach.test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites,
        r'cookie "Itcast_1" should have http_only=True, but the site asked for http_only=False\.',
    ),
    (
        "set_again_after_the_deletion",
        test_cookies_deleted.test_a_deleted_cookie_is_gone_at_once_and_no_other,
        r'cookie "Itcast_1" should be deleted, but it lives on: the response that deleted it set it again \(Itcast_1=',
    ),
    (
        "deletion_of_everything",
        test_cookies_deleted.test_a_deleted_cookie_is_gone_at_once_and_no_other,
        r'cookie "Itcast_2" should be sent to /, but is not\.',
    ),
    (
        "none_after_the_deletion",
        test_cookies_deleted.test_reading_a_cookie_answers_sensibly_whether_it_is_there_or_not,
        r"Locator expected to be visible",
    ),
    (
        "the_articles_whoami",
        test_sessions.test_who_is_signed_in_and_their_cart_end_with_the_browser_unless_they_are_kept,
        r"/whoami answered 500",
    ),
    (
        "sign_out_that_forgets_to_clear",
        test_sessions.test_signing_out_stays_signed_out_after_back_and_restart,
        r'cookie "session" should be deleted, but no response deleted it, and it lives on\.',
    ),
    (
        "pages_kept_in_the_cache",
        test_sessions.test_signing_out_stays_signed_out_after_back_and_restart,
        r"Locator expected to be visible",
    ),
    (
        "a_sign_out_that_takes_the_cart",
        test_sessions.test_one_value_leaves_the_session_and_the_rest_stays,
        r"assert \{\} == \{'apples': 1\}",
    ),
    (
        "one_cart_for_all",
        test_cart.test_two_visitors_and_a_private_window_share_nothing,
        r"assert \{'apples': 1\} == \{\}",
    ),
    (
        "name_remembered_unasked",
        test_remembered_name.test_a_name_is_not_remembered_unasked,
        r'cookie "remembered_name" should never be set, but was\.',
    ),
    (
        "name_out_of_reach_of_the_script",
        test_remembered_name.test_a_remembered_name_is_filled_in_after_a_restart,
        r'cookie "remembered_name" should have http_only=False, but the site asked for http_only=True\.',
    ),
    (
        "a_site_that_refuses_1_percent_early",
        test_session_lifetimes.test_the_site_alone_ends_it_by_refusing_it,
        r"assert False",
    ),
    (
        "a_site_that_accepts_for_a_year",
        test_session_lifetimes.test_the_site_alone_ends_it_by_refusing_it,
        r"assert 'Ada' is None",
    ),
    (
        "a_session_never_renewed",
        test_session_lifetimes.test_a_visit_each_6_days_keeps_it_alive_for_24_days,
        r'cookie "session" should expire 7 days after it was set .*, but expires|assert None == \'Ada\'',
    ),
    (
        "a_key_of_each_start",
        test_secret_key.test_a_restart_with_the_same_key_keeps_everyone_signed_in,
        r"assert None == 'Ada'",
    ),
    (
        "the_articles_whoami",
        test_secret_key.test_a_new_key_logs_everyone_out_politely,
        r"/whoami answered 500",
    ),
    (
        "fallbacks_ignored",
        test_secret_key.test_with_the_old_key_as_a_fallback_everyone_stays_and_moves_to_the_new_one,
        r"assert None == 'Ada'",
    ),
    (
        "fallbacks_for_ever",
        test_secret_key.test_with_the_old_key_as_a_fallback_everyone_stays_and_moves_to_the_new_one,
        r"assert None == 'Ada'",
    ),
    (
        "a_session_that_the_browser_keeps_for_a_year",
        test_session_lifetimes.test_the_browser_alone_ends_it_by_no_longer_sending_it,
        r'cookie "session" should not be sent to /, but is\.',
    ),
    (
        "a_sign_in_that_keeps_the_last_ones_cart",
        test_sessions.test_signing_in_again_starts_an_empty_session,
        r"assert \{'apples': 1\} == \{\}",
    ),
    (
        "a_sign_in_with_any_name",
        test_sessions.test_a_name_that_cannot_be_one_signs_nobody_in,
        r"assert 200 == 422",
    ),
    (
        "a_sign_out_that_must_find_a_name",
        partial(
            test_sessions.test_a_page_left_open_may_sign_out_whom_another_has_signed_out,
            button="Sign out, keep the cart",
        ),
        r"Locator expected to be visible",
    ),
    (
        "a_removal_that_must_find_the_goods",
        test_cart.test_removing_and_emptying_what_is_not_there_any_more_is_no_error,
        r"Locator expected to be visible",
    ),
    (
        "forms_that_need_no_token",
        test_pages.test_a_form_without_its_token_changes_nothing,
        r"Locator expected to be visible",
    ),
    (
        "secure_in_the_configuration_alone",
        test_out_of_reach.test_behind_https_every_cookie_can_be_secure,
        r'cookie "Itcast_1" should have secure=True, but the site asked for secure=False\.',
    ),
    (
        "a_session_for_everyone",
        test_pages.test_the_first_visit_holds_nothing_and_sets_nothing,
        r"assert \[\{'name': 'se.*\] == \[\]",
    ),
    (
        "a_sign_in_without_a_limit",
        test_session_lifetimes.test_a_session_that_a_browser_brings_back_ends_after_an_hour_all_the_same,
        r"assert 'Ada' is None",
    ),
    (
        "signatures_that_nobody_checks",
        test_who_must_stay_out.test_a_session_that_was_tampered_with,
        r"assert 'Eve' is None",
    ),
    (
        "a_key_that_anyone_can_guess",
        test_who_must_stay_out.test_a_session_signed_with_another_key,
        r"assert 'Eve' is None",
    ),
    (
        "a_sign_out_of_the_browser_alone",
        partial(test_who_must_stay_out.test_a_copy_of_a_session_once_its_owner_has_signed_out, button="Sign out"),
        r"assert 'Ada' is None",
    ),
    (
        "sign_outs_that_a_restart_forgets",
        partial(test_who_must_stay_out.test_a_copy_of_a_session_once_its_owner_has_signed_out, button="Sign out"),
        r"assert 'Ada' is None",
    ),
    (
        "a_sign_in_that_keeps_the_last_ones_cart",
        test_who_must_stay_out.test_a_session_that_somebody_else_began,
        r"assert \{'apples': 1, 'cheese': 1\} == \{'cheese': 1\}",
    ),
    (
        "a_session_name_that_siblings_can_plant",
        test_who_must_stay_out.test_a_cookie_planted_by_a_sibling_host,
        r"assert 'Eve' is None",
    ),
    (
        "forms_from_anywhere",
        partial(test_who_must_stay_out.test_a_form_that_another_site_sends, same_site="None"),
        r"assert None == 'Ada'",
    ),
    (
        "a_session_that_other_sites_may_send",
        partial(test_who_must_stay_out.test_a_form_that_another_site_sends, same_site="Lax"),
        r"SameSite=Lax",
    ),
    (
        "a_session_within_reach_of_scripts",
        test_who_must_stay_out.test_a_script_that_reaches_for_the_session,
        r"assert 'session=.*' == ''",
    ),
    (
        "a_session_that_tells_a_secret",
        test_who_must_stay_out.test_a_session_can_be_read_by_anybody_and_says_nothing_that_they_may_not_know,
        r"assert \{'card'\} == set\(\)",
    ),
    (
        "a_session_over_plain_http",
        test_who_must_stay_out.test_behind_https_nobody_is_signed_in_over_plain_http,
        r"assert 'Ada' is None",
    ),
    (
        "names_that_are_not_quoted",
        partial(test_who_must_stay_out.test_a_name_of_any_characters_comes_back_as_it_was_given, name="漢字; 100 %, ="),
        r"Locator expected to have Value",
    ),
    (
        "a_session_of_any_size",
        test_who_must_stay_out.test_a_session_too_large_for_a_cookie_is_refused_and_nothing_is_lost,
        r"assert 200 == 413",
    ),
    (
        "values_that_are_quoted_twice",
        partial(test_limits.test_a_value_comes_back_as_it_was_set, value="Zoë, 漢字; 100 % \\ ="),
        r"\{'value': 'Zo%C3%AB",
    ),
    (
        "one_sign_in_for_all",
        test_every_ending.test_closing_one_of_two_windows_ends_nothing_and_a_private_one_everything,
        r"assert 'Ada' is None",
    ),
    (
        "a_cart_in_the_session",
        test_limits.test_tabs_that_fill_the_cart_at_once_lose_nothing,
        r"Right contains [12] more items?:",
    ),
]

# With sessions on the server, in the store that the check is shown to fail on.
BROKEN_ON_A_STORE = [
    (
        "file",
        "sessions_that_flask_session_makes_permanent",
        test_session_stores.test_sessions_end_with_the_browser_or_7_days_after_the_last_visit,
        r"assert \{'apples': 1\} == \{\}",
    ),
    (
        "file",
        "records_that_outlive_their_cookies",
        test_session_stores.test_sessions_end_with_the_browser_or_7_days_after_the_last_visit,
        r"assert datetime.timedelta\(days=[67].*\) < datetime.timedelta\(seconds=5\)",
    ),
    (
        "file",
        "ids_that_are_signed",
        test_session_stores.test_a_restart_with_another_key_logs_nobody_out,
        r"assert None == 'Ada'",
    ),
    (
        "file",
        "ids_that_anyone_may_make_up",
        test_session_stores.test_an_id_is_the_shops_own_and_for_one_sign_in,
        r"(?s)Locator expected to be visible.*refused: this site has no session of this id",
    ),
    (
        "file",
        "an_id_for_all_sign_ins",
        test_session_stores.test_an_id_is_the_shops_own_and_for_one_sign_in,
        r"assert 1 == 3",
    ),
    (
        "file",
        "a_sign_out_that_leaves_the_record",
        test_session_stores.test_signing_out_deletes_the_record_and_with_it_every_copy,
        r"assert datetime.datetime\(.*\) is None",
    ),
    (
        "file",
        "a_sign_out_that_a_slow_page_undoes",
        test_session_stores.test_a_page_on_its_way_during_the_sign_out_lets_nobody_in_again,
        r"assert not True",
    ),
    (
        "file",
        "a_session_in_the_cookie",
        test_session_stores.test_the_cookie_holds_an_id_and_nothing_else_of_whatever_size,
        r"Locator expected to have Value",
    ),
    (
        "file",
        "the_articles_whoami",
        test_session_stores.test_an_emptied_store_puts_everyone_out_politely,
        r"/whoami answered 500",
    ),
    (
        "file",
        "a_store_that_fails_with_an_error",
        test_session_stores.test_while_the_store_is_down_a_page_says_so_and_nobody_is_signed_out,
        r"assert .*500 == 503",
    ),
    (
        "file",
        "files_that_are_not_missed",
        test_session_stores.test_while_the_store_is_down_a_page_says_so_and_nobody_is_signed_out,
        r"assert .*200 == 503",
    ),
    (
        "sql",
        "a_store_that_fails_with_an_error",
        test_session_stores.test_while_the_store_takes_nothing_nobody_is_signed_out_either,
        r"assert .*\[500, 500\] == \[503, 503\]",
    ),
]

# Of the shop's declared lifetimes several are broken at once: what the verdict on each says, by the test's id.
OUTLIVES = "should end with the browser, but is still sent after the browser was closed and opened again."
LOST = "but is not sent after the browser was closed and opened again."
LATE, EARLY = " seconds after its end.", " seconds before its end."
BROKEN_LIFETIMES = [
    (
        "lifetimes_that_are_too_long",
        {
            "Itcast_1": OUTLIVES,
            "Itcast_3": LATE,
            "session, signing_in": OUTLIVES,
            "session, staying_signed_in": LATE,
            "session, staying_for_7_days": 'but a visit to / soon after it was set renews it: declare renewed_by="/"',
            "remembered_name": LATE,
        },
    ),
    (
        "lifetimes_that_are_too_short",
        {
            "Itcast_3": EARLY,
            "session, staying_signed_in": EARLY,
            "session, staying_for_7_days": EARLY,
            "remembered_name": LOST,
        },
    ),
    (
        "deletions_that_miss",
        {
            "Itcast_1": "but /delete_cookie does not delete it: it lives on: it was set for the path / and deleted for",
            "session, signing_in": 'still shows "You are signed in as Ada" once it was deleted: no response ',
            "session, staying_signed_in": LOST,
            "session, staying_for_7_days": LOST,
            "remembered_name": "but signing_in does not delete it: ",
        },
    ),
]


def served(shop: str) -> pytest.MarkDecorator:
    return pytest.mark.site(f"../apps/broken_shops.py:{shop}", DATABASE="{tmp}/shop.sqlite")


@pytest.fixture(scope="module")
def browser(
    pytestconfig: pytest.Config, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Browser]:
    """For checks on a page: the headless shell, whose windows cost half as much. Visitors have the whole browser.

    Whether a check notices a broken shop is no matter of the browser; on the shop as it is, the checks run in it.
    """
    try:
        found = find(HEADLESS_SHELL, browser_type.executable_path)
    except CookieproofError:  # the whole browser, then
        found = {}
    with browser_type.launch(**{**browser_type_launch_args, **found}) as browser:
        pytestconfig.stash[LAUNCHES].append(f"{HEADLESS_SHELL.title if found else 'Chromium'} {browser.version}")
        yield browser


@pytest.fixture(autouse=True)
def _what_is_not_there_is_not_waited_for_long() -> Iterator[None]:
    expect.set_options(timeout=1500)
    yield
    expect.set_options(timeout=5000)  # Playwright's own


@pytest.mark.parametrize(
    ("check", "says"), [pytest.param(check, says, marks=served(shop), id=shop) for shop, check, says in BROKEN]
)
def test_the_check_fails_on(check: Callable[..., None], says: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(AssertionError, match=says):
        run_check(check, request)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("_store", "check", "says"),
    [pytest.param(kind, check, says, marks=served(shop), id=shop) for kind, shop, check, says in BROKEN_ON_A_STORE],
    indirect=["_store"],
)
def test_the_check_of_a_store_fails_on(check: Callable[..., None], says: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(AssertionError, match=says):
        run_check(check, request)


@pytest.mark.parametrize("says", [pytest.param(says, marks=served(shop), id=shop) for shop, says in BROKEN_LIFETIMES])
def test_lifetimes_are_broken_by(says: dict[str, str], new_visitor: Callable[[], Visitor], clock: Clock) -> None:
    lifetimes = [*test_lifetimes.SHOP, *test_lifetimes.WITHOUT_RENEWAL]
    named = dict(zip(names_of(lifetimes), lifetimes, strict=True))
    # Those that sign in take long: of what is not to be broken the simple ones do.
    named = {name: each for name, each in named.items() if name in says or isinstance(each.set_by, str)}
    verdicts = prove(list(named.values()), new_visitor, clock)
    found = {name: verdicts[each].text for name, each in named.items()}
    assert {name for name, text in found.items() if text} == says.keys()
    assert {name: found[name] for name in says if says[name] not in found[name]} == {}
