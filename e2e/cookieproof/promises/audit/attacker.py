"""What somebody else does to the person whose sessions are audited: with pages of another site, and of other hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cookieproof.browser import pages
from cookieproof.promises.audit.copies import Copy, Part
from cookieproof.promises.audit.finding import Undecidable
from cookieproof.promises.audit.forged_form import SUBMIT, Asks, ForgedForm
from cookieproof.promises.audit.outside import Answer, Outside
from cookieproof.promises.audit.person import IDLE_SECONDS, Person
from cookieproof.promises.audit.renewals import raw_pairs

ELSEWHERE = "attacker.localhost"
SET_FOR_DOMAIN = """([names, value, domain]) => {
  for (const name of names) document.cookie = `${name}=${value}; Domain=${domain}; Path=/; Secure`;
}"""
PLANTED = "planted-by-another-host-of-the-site"


class Attacker:
    """Acts in the person's browser, as pages of others do there, and on its cookies."""

    def __init__(self, person: Person, outside: Outside, follow: Callable[[], None]) -> None:
        """``follow`` learns what the site has set anew in the browser, as ``SignIns.follow`` does."""
        self._person, self._outside, self._follow = person, outside, follow

    def plant(self, values: Mapping[Part, str]) -> None:
        """Put cookies with these values into the browser, as for the site's own host."""
        origin, secure = self._person.origin, self._person.is_secure
        self._person.visitor.context.add_cookies(
            [{"name": part.name, "value": value, "url": origin, "secure": secure} for part, value in values.items()]
        )

    def plant_for_domain(self, names: Iterable[str]) -> str:
        """Have a page of a host below the site's set these cookies for the whole domain, and return that host.

        An empty text if browsers let it set none.
        """
        host, names = f"other.{self._person.host}", list(names)
        self._run_at(host, SET_FOR_DOMAIN, [names, PLANTED, self._person.host])
        held = {each.name for each in self._person.visitor.stored_list if each.value == PLANTED}
        return host if held == set(names) else ""

    def runs(self, script: str, argument: Any) -> None:
        """Run a script on a page of another site, and wait until the network is idle."""
        self._run_at(ELSEWHERE, script, argument)

    def submits(self, form: ForgedForm, asks: Asks = "named") -> None:
        """Submit a form from a page of another site, whose origin is as ``asks`` says."""
        argument = [form.url, form.method.lower(), form.enctype, dict(form.sent_fields), asks != "unnamed"]
        self._run_at(self._host(asks), SUBMIT, argument)

    def sends(self, form: ForgedForm, copy: Copy, asks: Asks = "named") -> Answer:
        """Send the form outside the browser, with the cookies of a copy, as a browser that ignores SameSite would."""
        origin = self._person.site.at(self._host(asks), https=self._person.is_secure)
        self._follow()
        copy = copy.renewed(self._outside)
        answer = self._outside.ask(form.method, self._person.origin, form.target, *form.request(copy, origin, asks))
        self._outside.renewals.learn(raw_pairs(copy.exchange), answer.given)
        return answer

    def _host(self, asks: Asks) -> str:
        """Return the host of the other site: one that browsers take for no part of the site in any case."""
        return f"{self._person.host}.{ELSEWHERE}" if asks == "alike" else ELSEWHERE

    def _run_at(self, host: str, script: str, argument: Any) -> None:
        from playwright.sync_api import Error

        site, visitor = self._person.site, self._person.visitor
        if not site.has_host(host):
            raise Undecidable(f"the harness has no page at {host} for a site that somebody else runs")
        page = visitor.context.new_page()
        try:
            page.goto(site.own_page(site.at(host, https=self._person.is_secure)))
            try:
                pages.evaluate(page, script, argument)
            except Error as error:  # it has led the page elsewhere
                if "navigation" not in str(error) and "context was destroyed" not in str(error):
                    raise
            visitor.network_idle.wait(IDLE_SECONDS)
        finally:
            page.close()
