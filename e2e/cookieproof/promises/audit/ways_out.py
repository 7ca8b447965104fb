"""The ways out of a page that a person sees: its links, and its forms by their buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cookieproof.browser import pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Nobody can scroll to what is above the page or left of it. A form is sent by its button, which may lead elsewhere
# (formaction).
WAYS = """() => {
  const isSeen = each => {
    const box = each.getBoundingClientRect();
    return each.checkVisibility({opacityProperty: true, visibilityProperty: true}) && box.width > 1 && box.height > 1
      && box.right + scrollX > 0 && box.bottom + scrollY > 0;
  };
  const path = address => new URL(address ?? "", document.baseURI).pathname;
  const links = [...document.querySelectorAll("a[href], area[href]")].filter(isSeen);
  const found = links.map(each => ["GET", path(each.getAttribute("href"))]);
  for (const form of document.forms) {
    const images = form.querySelectorAll("input[type=image]");
    for (const each of [...form.elements, ...images].filter(isSeen)) {
      const sends = ["submit", "image"].includes(each.type);
      const way = name => (sends && each.getAttribute(`form${name}`)) || form.getAttribute(name);
      if (sends) found.push([(way("method") || "get").toUpperCase(), path(way("action"))]);
    }
  }
  return found;
}"""


def ways_out(page: Page) -> set[tuple[str, str]]:
    """Return method and path of each visible link, and of each form that has a visible button."""
    return {(method, path) for method, path in pages.evaluate(page, WAYS)}
