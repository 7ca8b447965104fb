"""Who ended a sign-in, or who kept it, as far as a visit shows: the browser, the server or the page."""

from __future__ import annotations

from collections.abc import Sequence

from cookieproof.cookies import deletions
from cookieproof.cookies.storage import KINDS, StorageItem
from cookieproof.promises import reasons
from cookieproof.promises.identity import is_identity
from cookieproof.promises.lifetimes import in_words
from cookieproof.promises.sign_in_run import SignInRun
from cookieproof.promises.steps import Visit
from cookieproof.words import printable, shown

REFUSED = (401, 403)


def require_shown(run: SignInRun, visit: Visit, when: str) -> None:
    """End the run as broken unless the page showed who is signed in; else note what the site knew them by."""
    if visit.shown:
        run.note_shown(visit)
        return
    path, what, text = in_words(run.lifetime.path), run.lifetime.what_shows, run.lifetime.shows
    if isinstance(text, str) and reasons.is_only_in_title(visit.document, text):
        run.broken(f"{path} does not show {what} {when}: it is only in its title, and not on the page")
    if not run.seen_shown:
        run.broken(f"{path} does not show {what} {when}. Is that spelled as the page shows it?")
    # A cookie beside that of the sign-in, a notice that was read say, may have ended in time.
    still_sent = bool(_identities_sent(run, visit)) or run.sent.keys() <= _sent(visit).keys()
    by_the_server = bool(run.sent) and still_sent
    run.broken(f"{path} does not show {what} {when}: {who_ended(run, visit)}", by_the_server=by_the_server)


def who_ended(run: SignInRun, visit: Visit) -> str:
    """Return who ended what the page showed, as a clause: by which cookie or storage item, or despite all."""
    text = run.lifetime.shows
    if isinstance(text, str) and reasons.contains_text(visit.document, text):
        return "the page ended it: the site still sends it, and a script or a style hides it"
    ended = _cookies_or_items_gone(run, visit)
    left = _listed([f'the cookie "{shown(name)}"' for name in _identities_sent(run, visit)], [])
    if ended:
        # No name tells which of two cookies is the sign-in's, so both are named.
        return f"{ended}, or the server ended it, though the browser still has {left}" if left else ended
    refused = [each for each in visit.exchanges if each.status in REFUSED]
    by = f": {refused[-1].method} {printable(refused[-1].path)} answered {refused[-1].status}" if refused else ""
    has_token = any(is_identity(each.value) for each in run.stored)
    who = "the server" if refused or not has_token else "the server or the page" if run.sent else "the page"
    there = _listed([f'the cookie "{shown(name)}"' for name in run.sent], run.stored)
    if not there:  # in IndexedDB or the Cache API, which no visit reads
        unknown = "the server or the page ended it, which no cookie, localStorage or sessionStorage had kept"
        return f"the server ended it{by}" if by else unknown
    return f"{who} ended it{by}, though the browser still has {there}"


def _identities_sent(run: SignInRun, visit: Visit) -> list[str]:
    """Return the cookies that could identify a person, and are still sent as when the page last showed who it is."""
    return [name for name, value in run.sent.items() if is_identity(value) and name in _sent(visit)]


def _cookies_or_items_gone(run: SignInRun, visit: Visit) -> str:
    """Return who ended a cookie or a storage item of the sign-in, as a clause; an empty text if all are left.

    What could identify a person comes first.
    """
    gone = [name for name in run.sent if name not in _sent(visit)]
    for name in sorted(gone, key=lambda name: not is_identity(run.sent[name])):
        return _who_ended_cookie(run, visit, name)
    for item in run.stored:
        if not any((each.name, each.kind) == (item.name, item.kind) for each in visit.stored):
            if item.kind == "session" and run.life != run.visitor.life:
                return f"the browser ended it: {_named(item)} ended with its tab"
            return f"the page ended it: a script removed {_named(item)}"
    return ""


def _who_ended_cookie(run: SignInRun, visit: Visit, name: str) -> str:
    cookie = f'the cookie "{shown(name)}"'
    end = run.kept_until.get(name)
    if end and end <= visit.time:
        return f"the browser ended it: the age of {cookie} is over"
    deleted = [each for each in run.set_cookies if each[1].name == name and deletions.deletes(*each)]
    if deleted:
        return f"the server ended it: {deleted[-1][0].method} {printable(deleted[-1][0].path)} deleted {cookie}"
    if end is None and run.life != run.visitor.life:
        return f"the browser ended it: {cookie} ended with it"
    return f"the page ended it: no answer of the site deleted {cookie}, and the browser no longer sends it"


def who_keeps(run: SignInRun, visit: Visit) -> str:
    """Return why the page still shows somebody signed in: by its cookies, its storage, its cache or a script."""
    kept = [each for each in visit.stored if each in run.stored]
    if not kept or (visit.exchanges and _is_in_document(run, visit)):
        return reasons.who_keeps(run, visit)
    return f"the page kept it: a script drew it, which has {_listed([], kept)}"


def _is_in_document(run: SignInRun, visit: Visit) -> bool:
    text = run.lifetime.shows
    return isinstance(text, str) and reasons.contains_text(visit.document, text)


def _sent(visit: Visit) -> dict[str, str]:
    return visit.exchanges[0].cookies if visit.exchanges else {}


def _named(item: StorageItem) -> str:
    return f'"{shown(item.name)}" in {KINDS[item.kind]}'


def _listed(cookies: Sequence[str], items: Sequence[StorageItem]) -> str:
    return " and ".join([*cookies, *map(_named, items)])
