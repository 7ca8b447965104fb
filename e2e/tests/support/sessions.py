"""A session as who holds a copy of it sees it: it can be read from one browser, put into another, and sent by none."""

from __future__ import annotations

from urllib.request import Request, urlopen

from playwright.sync_api import BrowserContext, Page

from cookieproof import Site


def the_session(page: Page, url: str) -> tuple[str, str]:
    """The name and value of the session cookie that the browser holds for a URL."""
    held = {cookie["name"]: cookie["value"] for cookie in page.context.cookies(url)}
    name = next(name for name in held if name.endswith("session"))
    return name, held[name]


def give(context: BrowserContext, site: Site, session: str) -> None:
    """Put a session into a browser, as whoever holds a copy of it can."""
    context.add_cookies([{"name": "session", "value": session, "url": site.url, "httpOnly": True}])


def accepted(site: Site, session: str) -> bool:
    """Whether the site would still accept this session, whoever sends it."""
    request = Request(site.url.replace("localhost", "127.0.0.1") + "/whoami", headers={"Cookie": f"session={session}"})
    with urlopen(request, timeout=20) as answer:
        return "You are signed in as" in answer.read().decode()
