"""The requirements of the audit by short names, and what an audit of a site has found of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from cookieproof.promises.audit.finding import Finding
from cookieproof.promises.audit.requirements import REQUIREMENTS
from cookieproof.promises.audit.requirements.a_value_cannot_be_guessed import AValueCannotBeGuessed

# With as few sign-ins as may be: how many there are is no matter here.
QUICK = [AValueCannotBeGuessed(4) if isinstance(each, AValueCannotBeGuessed) else each for each in REQUIREMENTS]
# Those that only look at what others have done cost nothing, and are judged at each site.
LOOKING = [each for each in QUICK if not re.search(r"audit\.(sign|forging|person)", inspect.getsource(type(each)))]
SECURE, SAME_SITE = "the session's cookies are Secure", "the session's cookies say SameSite"
PREFIX, SCRIPTS = "the session's cookies begin with __Host-", "scripts cannot read the session"
COPIES, STAYS, WAY = "signing out ends every copy", "nothing private stays", "there is a visible way to sign out"
AGAIN, NEW, INVENTED = "nothing signs in again", "signing in gives a new session", "an invented value is not adopted"
PLANTED, DECIDES = "another host of the site cannot plant a session", "the server decides who is signed in"
OTHER, GUESSED = "each sign-in gives another value", "a session's value cannot be guessed"
SIGNED_OUT, FORGETS = "another site cannot sign somebody out", "signing out ends what remembers"
URL, STORED, CACHED = "the session is in no URL", "private answers are not stored", "nobody else is given what was"
POLICY, HTTPS, HTTP = (
    "there is a referrer policy",
    "every answer asks for https",
    "nothing of the session goes over http",
)
IDLE, IN_USE, BROWSER = "an idle session ends", "a session in use ends", "the session ends with the browser"
FORGED, PLAIN, GET = "a forged form changes nothing", "a request of plain text changes nothing", "a GET changes"
AT_A_TIME, PASSWORD, RESET = "so many sessions at a time", "a new password ends", "a begun password reset opens"
VERIFIED, NONE, OWN_KEY = "a token's signature is verified", "a token without a signature", "a token does not bring its"
TOKENS = 4  # requirements of JSON Web Tokens, which are not asked where there is none
EXPIRED = "an expired token is refused"
REMEMBERED, ANOTHER = "who is remembered is so", "nobody sees what another sees"
TOLD = "what a session's value tells"
NOT_REMEMBERED: dict[str, Any] = {"remember": None, "remembered": None}  # spares sign-ins where nothing is told by it


def told(findings: Mapping[str, Finding]) -> dict[str, str]:
    """What is not passed, by the names of the requirements without their rows: its outcome and sentence."""
    return {
        name.partition(" ")[2]: f"{each.outcome}: {each.sentence}"
        for name, each in findings.items()
        if each.outcome not in ("passed", "not asked")
    }
