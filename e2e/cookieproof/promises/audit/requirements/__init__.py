"""The requirements: one file for each. ``Requirement`` says what one must promise; ``REQUIREMENTS`` names them all."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.promises.audit.requirement import Requirement
from cookieproof.promises.audit.requirements.a_begun_reset_opens_nothing import ABegunResetOpensNothing
from cookieproof.promises.audit.requirements.a_forged_form_changes_nothing import AForgedFormChangesNothing
from cookieproof.promises.audit.requirements.a_get_changes_nothing import AGetChangesNothing
from cookieproof.promises.audit.requirements.a_new_password_ends_the_others import ANewPasswordEndsTheOthers
from cookieproof.promises.audit.requirements.a_new_value_at_sign_in import ANewValueAtSignIn
from cookieproof.promises.audit.requirements.a_plain_text_changes_nothing import APlainTextChangesNothing
from cookieproof.promises.audit.requirements.a_token_brings_no_key import ATokenBringsNoKey
from cookieproof.promises.audit.requirements.a_token_is_verified import ATokenIsVerified
from cookieproof.promises.audit.requirements.a_token_without_algorithm_is_refused import ATokenWithoutAlgorithmIsRefused
from cookieproof.promises.audit.requirements.a_value_cannot_be_guessed import AValueCannotBeGuessed
from cookieproof.promises.audit.requirements.a_value_tells_nothing import AValueTellsNothing
from cookieproof.promises.audit.requirements.an_expired_token_is_refused import AnExpiredTokenIsRefused
from cookieproof.promises.audit.requirements.an_invented_value_is_not_adopted import AnInventedValueIsNotAdopted
from cookieproof.promises.audit.requirements.another_site_cannot_sign_out import AnotherSiteCannotSignOut
from cookieproof.promises.audit.requirements.cookies_are_secure import CookiesAreSecure
from cookieproof.promises.audit.requirements.cookies_are_small_enough import CookiesAreSmallEnough
from cookieproof.promises.audit.requirements.cookies_have_same_site import CookiesHaveSameSite
from cookieproof.promises.audit.requirements.cookies_have_the_host_prefix import CookiesHaveTheHostPrefix
from cookieproof.promises.audit.requirements.each_sign_in_has_its_own_value import EachSignInHasItsOwnValue
from cookieproof.promises.audit.requirements.every_answer_asks_for_https import EveryAnswerAsksForHttps
from cookieproof.promises.audit.requirements.idle_sessions_end import IdleSessionsEnd
from cookieproof.promises.audit.requirements.it_ends_with_the_browser import ItEndsWithTheBrowser
from cookieproof.promises.audit.requirements.it_is_remembered_as_long_as_promised import ItIsRememberedAsLongAsPromised
from cookieproof.promises.audit.requirements.no_cookie_for_the_whole_domain_wins import NoCookieForTheWholeDomainWins
from cookieproof.promises.audit.requirements.no_value_in_a_url import NoValueInAUrl
from cookieproof.promises.audit.requirements.nobody_is_given_what_was_private import NobodyIsGivenWhatWasPrivate
from cookieproof.promises.audit.requirements.nobody_sees_what_another_sees import NobodySeesWhatAnotherSees
from cookieproof.promises.audit.requirements.nothing_goes_over_http import NothingGoesOverHttp
from cookieproof.promises.audit.requirements.nothing_private_stays import NothingPrivateStays
from cookieproof.promises.audit.requirements.nothing_signs_in_again import NothingSignsInAgain
from cookieproof.promises.audit.requirements.private_answers_are_not_stored import PrivateAnswersAreNotStored
from cookieproof.promises.audit.requirements.scripts_cannot_read_it import ScriptsCannotReadIt
from cookieproof.promises.audit.requirements.sessions_at_a_time import SessionsAtATime
from cookieproof.promises.audit.requirements.sessions_in_use_end import SessionsInUseEnd
from cookieproof.promises.audit.requirements.signing_out_ends_every_copy import SigningOutEndsEveryCopy
from cookieproof.promises.audit.requirements.signing_out_forgets import SigningOutForgets
from cookieproof.promises.audit.requirements.the_server_decides import TheServerDecides
from cookieproof.promises.audit.requirements.there_is_a_referrer_policy import ThereIsAReferrerPolicy
from cookieproof.promises.audit.requirements.there_is_a_way_to_sign_out import ThereIsAWayToSignOut

# In the order in which they are judged: what moves the clock far, or changes the account, comes last.
REQUIREMENTS: Sequence[Requirement] = [
    SigningOutEndsEveryCopy(),
    SigningOutForgets(),
    NothingSignsInAgain(),  # in the browser in which the rows above have signed out
    NothingPrivateStays(),
    ThereIsAWayToSignOut(),
    AnotherSiteCannotSignOut(),
    CookiesAreSecure(),
    CookiesHaveSameSite(),
    CookiesHaveTheHostPrefix(),
    ScriptsCannotReadIt(),
    CookiesAreSmallEnough(),
    ANewValueAtSignIn(),
    AnInventedValueIsNotAdopted(),
    NoCookieForTheWholeDomainWins(),
    TheServerDecides(),
    EachSignInHasItsOwnValue(),
    AValueTellsNothing(),
    NoValueInAUrl(),
    PrivateAnswersAreNotStored(),
    NobodyIsGivenWhatWasPrivate(),
    NobodySeesWhatAnotherSees(),
    ThereIsAReferrerPolicy(),
    EveryAnswerAsksForHttps(),
    NothingGoesOverHttp(),
    AForgedFormChangesNothing(),
    APlainTextChangesNothing(),
    AGetChangesNothing(),
    ATokenIsVerified(),
    ATokenWithoutAlgorithmIsRefused(),
    ATokenBringsNoKey(),
    SessionsAtATime(),
    ABegunResetOpensNothing(),
    AValueCannotBeGuessed(),
    ItEndsWithTheBrowser(),
    IdleSessionsEnd(),
    SessionsInUseEnd(),
    ItIsRememberedAsLongAsPromised(),
    AnExpiredTokenIsRefused(),
    ANewPasswordEndsTheOthers(),
]
