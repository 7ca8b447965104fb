"""Whoever tampers, guesses, copies, plants or posts from elsewhere stays out"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeSerializer
from playwright.sync_api import BrowserContext, Page, expect

from cookieproof import Site, Visitor
from tests.support.sessions import give, the_session
from tests.support.shop import cart, press, sign_in, sign_out, who

NewContext = Callable[[], BrowserContext]
COMPACT = URLSafeSerializer("", serializer=TaggedJSONSerializer())
SUBMIT = """([action, fields]) => {
  const form = document.createElement("form");
  Object.assign(form, {method: "post", action});
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), {type: "hidden", name, value}));
  }
  document.body.append(form);
  form.submit();
}"""


def signed_with(key: str, session: Mapping[str, Any]) -> str:
    """A session as a Flask site with this key would sign it."""
    app = Flask(__name__)
    app.secret_key = key
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer
    return str(signer.dumps(session))


def readable(session: str) -> dict[str, Any]:
    """What a session says, to anybody: no key is needed to read it."""
    payload: dict[str, Any] = COMPACT.load_payload(session.rsplit(".", 2)[0].encode())
    return payload


def post_from(page: Page, elsewhere: str, action: str, fields: dict[str, str]) -> int:
    """Have a page of another site send a form, and return the status of the answer."""
    page.goto(elsewhere)
    with page.expect_navigation() as answer:
        page.evaluate(SUBMIT, [action, fields])
    return answer.value.status


# --- copies and forgeries


def test_a_session_that_was_tampered_with(page: Page, site: Site) -> None:
    sign_in(page, "Ada", keep=True)
    session = the_session(page, site.url)[1]
    payload, timestamp, signature = session.rsplit(".", 2)
    for tampered in (
        [COMPACT.dump_payload(readable(session) | {"username": "Eve"}).decode(), timestamp, signature],
        [payload, "z" + timestamp[1:], signature],
        [payload, timestamp, ("B" if signature[0] == "A" else "A") + signature[1:]],
    ):
        give(page.context, site, ".".join(tampered))
        assert who(page) is None
    give(page.context, site, session)
    assert who(page) == "Ada"


def test_a_session_signed_with_another_key(page: Page, site: Site) -> None:
    for key in ("dev", "secret", "the key of another site"):
        give(page.context, site, signed_with(key, {"username": "Eve", "_permanent": True}))
        assert who(page) is None


@pytest.mark.parametrize("button", ["Sign out", "Sign out, keep the cart"])
def test_a_copy_of_a_session_once_its_owner_has_signed_out(
    page: Page, new_context: NewContext, site: Site, button: str
) -> None:
    sign_in(page, "Ada", keep=True)
    copy = the_session(page, site.url)[1]
    other = new_context()
    thief = other.new_page()
    give(other, site, copy)
    assert who(thief) == "Ada"  # whoever holds a copy is its owner: hence HttpOnly, Secure, and what follows
    sign_out(page, button)
    for _ in range(2):
        give(other, site, copy)
        assert who(thief) is None
        site.restart()


@pytest.mark.parametrize(
    "let_in",
    [
        pytest.param(True, marks=pytest.mark.site("../apps/unconfigured.py:create_app"), id="flask"),
        pytest.param(
            False,
            marks=pytest.mark.site("../apps/only_flask_session.py:create_app", FOLDER="{tmp}/f"),
            id="flask-session",
        ),
    ],
)
def test_flasks_own_sessions_let_a_copy_in_after_the_sign_out_and_flask_sessions_do_not(
    page: Page, site: Site, let_in: bool
) -> None:
    page.goto("/sign_in")
    copy = the_session(page, site.url)[1]
    page.goto("/sign_out")
    page.goto("/whoami")
    expect(page.get_by_text("nobody")).to_be_visible()
    give(page.context, site, copy)
    page.goto("/whoami")
    expect(page.get_by_text("Ada" if let_in else "nobody")).to_be_visible()


def test_a_session_that_somebody_else_began(page: Page, new_context: NewContext, site: Site) -> None:
    """Session fixation: Eve hands Ada a session of hers and waits for Ada to sign in with it."""
    eves = new_context()
    eve = eves.new_page()
    press(eve, "Add apples")
    give(page.context, site, the_session(eve, site.url)[1])
    assert cart(page) == {"apples": 1}
    sign_in(page, "Ada")
    press(page, "Add cheese")
    assert cart(page) == {"cheese": 1}
    assert who(eve) is None
    assert cart(eve) == {"apples": 1}


# --- other hosts


def planted_from(page: Page, site: Site, host: str, name: str, domain: str) -> None:
    """Have a page of another host plant a session of Eve's for a whole domain."""
    sign_in(page, "Eve", at=site.at(host))
    session = the_session(page, site.at(host))[1]
    page.goto(site.at(host) + "/whoami")
    page.evaluate("cookie => { document.cookie = cookie }", f"{name}={session}; Domain={domain}; Path=/; Secure")


@pytest.mark.every_engine
@pytest.mark.parametrize(("host", "domain"), [("evil.localhost", "shop.localhost"), ("shop.localhost", "localhost")])
def test_a_cookie_planted_by_a_host_that_is_no_sibling(page: Page, site: Site, host: str, domain: str) -> None:
    victims = site.at(domain)
    planted_from(page, site, host, "session", domain)
    assert who(page, at=victims) is None


@pytest.mark.every_engine
@pytest.mark.site(SESSION_COOKIE_NAME="__Host-session", SESSION_COOKIE_SECURE=True)
def test_a_cookie_planted_by_a_sibling_host(page: Page, site: Site) -> None:
    shop = site.at("shop.localhost")
    sign_in(page, "Ada", at=shop)
    name = the_session(page, shop)[0]
    page.context.clear_cookies()
    planted_from(page, site, "x.shop.localhost", name, "shop.localhost")
    assert who(page, at=shop) is None
    sign_in(page, "Ada", at=shop)
    assert who(page, at=shop) == "Ada"


@pytest.mark.every_engine
def test_without___Host__a_sibling_host_signs_its_victim_in_as_somebody_else(page: Page, site: Site) -> None:
    shop = site.at("shop.localhost")
    planted_from(page, site, "x.shop.localhost", "session", "shop.localhost")
    assert who(page, at=shop) == "Eve"


@pytest.mark.every_engine
@pytest.mark.parametrize(
    "same_site",
    [
        pytest.param(each, marks=pytest.mark.site(SESSION_COOKIE_SAMESITE=each, SESSION_COOKIE_SECURE=True))
        for each in ("Strict", "Lax", "None")
    ],
)
def test_a_form_that_another_site_sends(page: Page, site: Site, same_site: str) -> None:
    shop, evil = site.at("shop.localhost"), site.at("evil.localhost")
    sign_in(page, "Ada", at=shop)
    press(page, "Add apples", at=shop)
    page.goto(evil + "/sign_in")
    anothers_token = page.locator("[name=csrf_token]").input_value()
    for fields in ({"item": "bread"}, {"item": "bread", "csrf_token": anothers_token}):
        statuses = []
        for path in ("/cart/add", "/sign_out"):
            statuses.append(post_from(page, evil, shop + path, fields))
            posted = next(each for each in reversed(site.wire) if each.method == "POST")
            brings_the_session = "session" in posted.cookies
            assert brings_the_session is (same_site == "None"), f"SameSite={same_site}"
        assert who(page, at=shop) == "Ada"
        assert cart(page, at=shop) == {"apples": 1}
        assert statuses == [400, 400]


# --- what a cookie gives away


@pytest.mark.every_engine
def test_a_script_that_reaches_for_the_session(page: Page, site: Site) -> None:
    sign_in(page, "Ada")
    page.goto("/")
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("'cookieStore' in window ? cookieStore.getAll() : []") == []
    page.evaluate("document.cookie = 'session=mine; Path=/'")
    assert the_session(page, site.url)[1] != "mine"
    assert who(page) == "Ada"


def test_a_session_can_be_read_by_anybody_and_says_nothing_that_they_may_not_know(page: Page, site: Site) -> None:
    sign_in(page, "Ada", keep=True, remember=True)
    press(page, "Add apples")
    said = readable(the_session(page, site.url)[1])
    assert said["username"] == "Ada"
    assert said.keys() - {"_permanent", "username", "sign_in", "cart", "csrf_token"} == set()


@pytest.mark.every_engine
@pytest.mark.site(SESSION_COOKIE_SECURE=True)
def test_behind_https_nobody_is_signed_in_over_plain_http(visitor: Visitor, site: Site) -> None:
    page = visitor.page
    secure, plain = site.https.at("shop.test"), site.at("shop.test")
    sign_in(page, "Ada", at=secure)
    assert who(page, at=secure) == "Ada"
    assert who(page, at=plain) is None
    page.goto(plain + "/sign_in")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.get_by_role("button", name="Sign in").click()
    # The browser refuses the session in which the form's token would be: nobody can sign in like this.
    expect(page.get_by_text("Nothing was changed")).to_be_visible()
    assert who(page, at=plain) is None


# --- what does not fit


@pytest.mark.every_engine
@pytest.mark.parametrize("name", ['Zoë "Q" O\'Neil', "漢字; 100 %, \\ ="])
def test_a_name_of_any_characters_comes_back_as_it_was_given(page: Page, name: str) -> None:
    sign_in(page, name, remember=True)
    assert who(page) == name
    page.goto("/sign_in")
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)


def test_a_session_too_large_for_a_cookie_is_refused_and_nothing_is_lost(page: Page) -> None:
    sign_in(page, "Ada")
    press(page, "Add apples")
    for note in ("Ring twice, bitte läuten", "".join(map(str, range(2000)))):
        page.goto("/cart/")
        page.get_by_label("A note for the shop").fill(note)
        with page.expect_navigation() as answer:
            page.get_by_role("button", name="Keep the note").click()
    assert answer.value.status == 413
    expect(page.get_by_text("does not fit into a cookie")).to_be_visible()
    assert who(page) == "Ada"
    assert cart(page) == {"apples": 1}
    expect(page.get_by_label("A note for the shop")).to_have_value("Ring twice, bitte läuten")
