"""WSTG-SESS-04: the site says what other sites learn of its URLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import answered, text_of
from cookieproof.promises.audit.finding import Finding, failed, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.cookies.exchange import Exchange
    from cookieproof.promises.audit.running_audit import RunningAudit

META = re.compile(r"<meta\b[^>]*\bname\s*=\s*[\"']?referrer\b[^>]*>", re.I)
CONTENT = re.compile(r"\bcontent\s*=\s*[\"']?\s*([\w-]+)", re.I)
WHOLE_URLS = ("unsafe-url", "no-referrer-when-downgrade")
KNOWN = (
    *("no-referrer", "same-origin", "origin", "strict-origin", "origin-when-cross-origin"),
    *("strict-origin-when-cross-origin", *WHOLE_URLS),
)


class ThereIsAReferrerPolicy(Requirement):
    """Reads the header and the page. A missing policy is a warning: most browsers have a good one."""

    wstg, name = "WSTG-SESS-04", "there is a referrer policy"
    asvs, level = "v5.0.0-3.4.5", 2
    sentence = "A Referrer-Policy keeps URLs from other sites."

    def judge(self, audit: RunningAudit) -> Finding:
        pages = [
            each for each in audit.first.exchanges if "html" in answered(each, "content-type") and each.status < 300
        ]
        for page in pages:
            policy = _policy(page)
            if policy in WHOLE_URLS:
                return failed(f"the Referrer-Policy of {page} is {policy}, which gives other sites its whole URL.")
            if not policy:
                return warning(f"{page} has no Referrer-Policy: browsers decide what other sites learn of its URL.")
        return passed()


def _policy(page: Exchange) -> str:
    """Return the policy that counts: the last one that browsers know, of the page before that of the header."""
    metas = [content[1] for meta in META.findall(text_of(page)) if (content := CONTENT.search(meta))]
    header = [each.strip() for each in answered(page, "referrer-policy").split(",")]
    said = [each.lower() for each in (*header, *metas)]
    return next((each for each in reversed(said) if each in KNOWN), "")
