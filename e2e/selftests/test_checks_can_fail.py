"""For each promise of the shop there is a broken shop on which the promise's own check fails"""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import expect

from selftests.conftest import run_check
from tests import (
    test_ages,
    test_cart,
    test_cookies_deleted,
    test_cookies_end,
    test_every_ending,
    test_limits,
    test_pages,
    test_remembered_name,
    test_secret_key,
    test_session_lifetimes,
    test_sessions,
    test_who_must_stay_out,
)

BROKEN = [
    (
        "max_age_on_a_session_cookie",
        test_cookies_end.test_plain_cookies_end_with_the_browser_and_max_age_survives,
        r'cookie "Itcast_1" should end with the browser, but outlives it, until .*',
    ),
    (
        "max_age_lost",
        test_cookies_end.test_plain_cookies_end_with_the_browser_and_max_age_survives,
        r'cookie "Itcast_3" should expire 1:00:00 after it was set, but ends with the browser\.',
    ),
    (
        "max_age_of_a_minute_less",
        test_cookies_end.test_plain_cookies_end_with_the_browser_and_max_age_survives,
        r'cookie "Itcast_3" should expire 1:00:00 after it was set \(within 0:00:05\), but expires 0:5\d:.* after\.',
    ),
    (
        "script_readable_cookies",
        test_cookies_end.test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites,
        r'cookie "Itcast_1" should have http_only=True, but the site asked for http_only=False\.',
    ),
    (
        "no_same_site",
        test_cookies_end.test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites,
        r"""cookie "Itcast_1" should have same_site='Lax', but the site asked for same_site=None\.""",
    ),
    (
        "cookies_for_every_subdomain",
        test_cookies_end.test_every_cookie_is_out_of_reach_of_scripts_and_of_other_sites,
        r"""cookie "Itcast_1" should have domain=None, but the site asked for domain='localhost'\.""",
    ),
    (
        "deletion_with_another_path",
        test_cookies_deleted.test_a_deleted_cookie_is_gone_at_once_and_after_a_restart,
        r'cookie "Itcast_1" should be deleted, but it lives on: it was set for the path / and deleted for the path /el',
    ),
    (
        "deletion_of_another_name",
        test_cookies_deleted.test_a_deleted_cookie_is_gone_at_once_and_after_a_restart,
        r'cookie "Itcast_1" should be deleted, but no response deleted it, and it lives on\. A response deleted',
    ),
    (
        "set_again_after_the_deletion",
        test_cookies_deleted.test_a_deleted_cookie_is_gone_at_once_and_after_a_restart,
        r'cookie "Itcast_1" should be deleted, but it lives on: the response that deleted it set it again \(Itcast_1=',
    ),
    (
        "deletion_of_everything",
        test_cookies_deleted.test_a_deleted_cookie_is_gone_at_once_and_after_a_restart,
        r'cookie "Itcast_2" should be sent to /, but is not\.',
    ),
    (
        "none_after_the_deletion",
        test_cookies_deleted.test_reading_a_cookie_answers_sensibly_whether_it_is_there_or_not,
        r"Locator expected to be visible",
    ),
    (
        "everyone_stays_signed_in",
        test_sessions.test_a_session_and_its_cart_end_with_the_browser,
        r'cookie "session" should end with the browser, but outlives it, until .*',
    ),
    (
        "the_articles_whoami",
        test_sessions.test_a_session_and_its_cart_end_with_the_browser,
        r"/whoami answered 500",
    ),
    (
        "nobody_stays_signed_in",
        test_sessions.test_a_permanent_session_and_its_cart_survive_the_browser_for_7_days,
        r'cookie "session" should expire 7 days, 0:00:00 after it was set, but ends with the browser\.',
    ),
    (
        "a_lifetime_of_31_days",
        test_sessions.test_a_permanent_session_and_its_cart_survive_the_browser_for_7_days,
        r'cookie "session" should expire 7 days, .*, but expires (30 days, 23:59|31 days, 0:00):.* after\.',
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
        "name_of_one_visit",
        test_remembered_name.test_a_remembered_name_is_filled_in_after_a_restart,
        r'cookie "remembered_name" should expire 365 days, 0:00:00 after it was set, but ',
    ),
    (
        "a_max_age_1_percent_too_long",
        test_ages.test_a_max_age_cookie_lasts_its_hour_and_no_longer,
        r'cookie "Itcast_3" should expire 1:00:00 after it was set \(within 0:00:05\), but expires 1:00:3\d.* after\.',
    ),
    (
        "a_lifetime_1_percent_too_short",
        test_session_lifetimes.test_a_permanent_session_lasts_7_days_and_no_longer,
        r'cookie "session" should expire 7 days, .*, but expires 6 days, 22:19:.* after\.',
    ),
    (
        "a_lifetime_1_percent_too_long",
        test_session_lifetimes.test_a_permanent_session_lasts_7_days_and_no_longer,
        r'cookie "session" should expire 7 days, .*, but expires 7 days, 1:40:.* after\.',
    ),
    (
        "a_permanent_flag_set_after_the_response",
        test_session_lifetimes.test_a_permanent_session_lasts_7_days_and_no_longer,
        r'cookie "session" should expire 7 days, 0:00:00 after it was set, but ends with the browser\.',
    ),
    (
        "a_site_that_refuses_1_percent_early",
        test_session_lifetimes.test_a_permanent_session_lasts_7_days_and_no_longer,
        r"assert None == 'Ada'",
    ),
    (
        "a_site_that_accepts_for_a_year",
        test_session_lifetimes.test_the_site_alone_ends_it_by_refusing_it,
        r"assert 'Ada' is None",
    ),
    (
        "a_session_never_renewed",
        test_session_lifetimes.test_a_visit_each_6_days_keeps_it_alive_for_60_days,
        r'cookie "session" should expire 7 days, .*, but expires|assert None == \'Ada\'',
    ),
    (
        "a_session_renewed_by_each_visit",
        test_session_lifetimes.test_without_renewal_it_ends_7_days_after_sign_in_whatever_happens,
        r"assert datetime\.datetime\(.*\) == datetime\.datetime\(",
    ),
    (
        "a_key_of_each_start",
        partial(test_secret_key.test_a_restart_with_the_same_key_keeps_everyone_signed_in, keep=True),
        r"assert None == 'Ada'",
    ),
    (
        "the_articles_whoami",
        partial(test_secret_key.test_a_new_key_logs_everyone_out_politely, keep=True),
        r"/whoami answered 500",
    ),
    (
        "fallbacks_ignored",
        partial(
            test_secret_key.test_with_the_old_key_as_a_fallback_everyone_stays_and_moves_to_the_new_one, keep=False
        ),
        r"assert None == 'Ada'",
    ),
    (
        "fallbacks_for_ever",
        partial(
            test_secret_key.test_with_the_old_key_as_a_fallback_everyone_stays_and_moves_to_the_new_one, keep=False
        ),
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
        partial(test_sessions.test_a_name_that_cannot_be_one_signs_nobody_in, name=" "),
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
        test_cookies_end.test_behind_https_every_cookie_can_be_secure,
        r'cookie "Itcast_1" should have secure=True, but the site asked for secure=False\.',
    ),
    (
        "a_session_for_everyone",
        test_pages.test_the_first_visit_holds_nothing_and_sets_nothing,
        r"assert \[\{'name': 'se.*\] == \[\]",
    ),
    (
        "everyone_stays_signed_in",
        partial(test_every_ending.test_what_is_left_after, row=test_every_ending.ROWS[0]),
        r"""\{"Flask's session": 'kept, not gone'\}""",
    ),
    (
        "a_sign_in_without_a_limit",
        test_session_lifetimes.test_a_session_that_a_browser_brings_back_ends_after_an_hour_all_the_same,
        r"assert 'Ada' is None",
    ),
    (
        "signatures_that_nobody_checks",
        partial(test_who_must_stay_out.test_a_session_that_was_tampered_with, part="payload"),
        r"assert 'Eve' is None",
    ),
    (
        "signatures_that_nobody_checks",
        partial(test_who_must_stay_out.test_a_session_that_was_tampered_with, part="timestamp"),
        r"assert 'Ada' is None",
    ),
    (
        "signatures_that_nobody_checks",
        partial(test_who_must_stay_out.test_a_session_that_was_tampered_with, part="signature"),
        r"assert 'Ada' is None",
    ),
    (
        "a_key_that_anyone_can_guess",
        partial(test_who_must_stay_out.test_a_session_signed_with_another_key, key="dev"),
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
        r"assert \{'apples': 1, 'bread': 1\} == \{'apples': 1\}",
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


def served(shop: str) -> pytest.MarkDecorator:
    return pytest.mark.site(f"apps/broken_shops.py:{shop}", DATABASE="{tmp}/shop.sqlite")


@pytest.fixture(autouse=True)
def _what_is_not_there_is_not_waited_for_long() -> Iterator[None]:
    expect.set_options(timeout=1500)
    yield
    expect.set_options(timeout=5000)  # Playwright's own


@pytest.mark.parametrize(
    ("check", "says"),
    [
        pytest.param(
            check, says, marks=pytest.mark.site(f"apps/broken_shops.py:{shop}", DATABASE="{tmp}/shop.sqlite"), id=shop
        )
        for shop, check, says in BROKEN
    ],
)
def test_the_check_fails_on(check: Callable[..., None], says: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(AssertionError, match=says):
        run_check(check, request)
