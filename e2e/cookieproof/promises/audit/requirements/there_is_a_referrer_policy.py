"""WSTG-SESS-04: the site says what other sites learn of its URLs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cookieproof.promises.audit.cookies_seen import answered, text_of
from cookieproof.promises.audit.finding import Finding, passed, warning
from cookieproof.promises.audit.requirement import Requirement

if TYPE_CHECKING:
    from cookieproof.promises.audit.running_audit import RunningAudit

META = re.compile(r"<meta\b[^>]*\bname\s*=\s*[\"']?referrer\b", re.I)


class ThereIsAReferrerPolicy(Requirement):
    """Reads the header and the page. A missing policy is a warning."""

    wstg, name = "WSTG-SESS-04", "there is a referrer policy"
    asvs, level = "v5.0.0-3.4.5", 2
    sentence = "A Referrer-Policy keeps URLs from other sites."

    def judge(self, audit: RunningAudit) -> Finding:
        pages = [
            each for each in audit.first.exchanges if "html" in answered(each, "content-type") and each.status < 300
        ]
        for page in pages:
            if not answered(page, "referrer-policy") and not META.search(text_of(page)):
                return warning(f"{page} has no Referrer-Policy: browsers decide what other sites learn of its URL.")
        return passed()
