"""Changes of a session's value, by which it is seen what of it the server checks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Signed values have . and : between their fields. A load balancer's name of a server stands after a . (Tomcat's
# jvmRoute) or after a ! (WebLogic), or before a ~ (HAProxy's "cookie … prefix").
SEPARATORS = re.compile(r"([.:|~$!])")
# "node1", "s2", "web-03": two servers' names differ in their digits alone.
SERVER = re.compile(r"(?P<name>[A-Za-z][A-Za-z_-]*)\d+")


@dataclass(frozen=True)
class Change:
    """``value`` is the whole value, of which one character of ``field`` was changed.

    ``may_be_ignored`` says that the field carries nothing that only this session has.
    """

    value: str
    field: str
    may_be_ignored: bool


def changes(value: str, known: Sequence[str]) -> list[Change]:
    """Return the value with one letter or digit changed, in some places of each of its fields.

    ``known`` are values of this part of the session at several sign-ins. A field that varies between them is changed in
    the first, the middle and the last but one of the places that vary: of the last letter of base64 some bits mean
    nothing. One that is the same in all is changed in its middle.
    """
    fields, varies = SEPARATORS.split(value), len({value, *known}) > 1
    others = [split for each in known if len(split := SEPARATORS.split(each)) == len(fields)]
    found = []
    for at, field in enumerate(fields):
        seen = [field, *(split[at] for split in others)]
        alike = varies and len(others) > 1 and len({*seen}) == 1
        may_be_ignored = len(fields) > 1 and (alike or _names_a_server(fields, at, seen))
        before, after = "".join(fields[:at]), "".join(fields[at + 1 :])
        for place in _places(field, seen, alike=alike):
            changed = f"{field[:place]}{'1' if field[place] != '1' else '2'}{field[place + 1 :]}"
            found.append(Change(before + changed + after, field, may_be_ignored))
    return found or [Change(f"{value}x", value, may_be_ignored=False)]


def _places(field: str, seen: Sequence[str], *, alike: bool) -> list[int]:
    """Return which characters of the field are changed."""
    places = [at for at, letter in enumerate(field) if letter.isalnum() and letter.isascii()]
    if alike or not places:
        return places[len(places) // 2 :][:1]
    varying = [at for at in places if len({each[at : at + 1] for each in seen}) > 1] or places
    return [*dict.fromkeys((varying[0], varying[len(varying) // 2], varying[-2:][0]))]


def _names_a_server(fields: Sequence[str], at: int, seen: Sequence[str]) -> bool:
    """Whether a field, which was also ``seen`` so, is the name of the server to which a load balancer sends."""
    if at and fields[at - 1] == "!":  # WebLogic's numbers of two servers
        return True
    names = {found["name"] if (found := SERVER.fullmatch(each)) else "" for each in seen}
    return at in (0, len(fields) - 1) and len(names) == 1 and names != {""}
