"""Parses ``Max-Age`` and ``Expires`` as Chromium does. Moments beyond Python's calendar become its first or last."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_SECONDS = 10**12  # more than there are in our calendar, less than a timedelta can hold
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DELIMITERS = re.compile(r"[\t !\"#$%&'()*+,\-./;<=>?@[\\\]^_`{|}~]+")
LONGEST_NUMBER = 4000  # digits: more than an attribute may have, fewer than Python refuses
AGE = re.compile(r"[+-]?[0-9]+")
TIME = re.compile(r"([0-9]+):([0-9]+):([0-9]+)")
INT32, INT64 = 2**31 - 1, 2**63 - 1


def later(moment: datetime, seconds: float) -> datetime:
    """Return the moment so many ``seconds`` later (earlier, if negative), within Python's calendar."""
    try:
        return moment + timedelta(seconds=max(-MOST_SECONDS, min(seconds, MOST_SECONDS)))
    except OverflowError:
        return LATEST if seconds > 0 else EARLIEST


def age(max_age: str) -> int | None:
    """Return the seconds of a ``Max-Age``; None if it is no whole number, which browsers ignore (RFC 6265bis, 5.6.2).

    Browsers read only ASCII digits. Chromium takes a plus sign, which the RFC does not; and it takes a
    number too large for 64 bits as the largest, whatever follows (base/strings/string_number_conversions.cc).
    """
    found = AGE.match(max_age[:LONGEST_NUMBER])
    number = int(found[0]) if found else 0
    return number if found and (found[0] == max_age or not -INT64 - 1 < number < INT64) else None


def date(expires: str) -> datetime | None:
    """Return the moment of an ``Expires`` in UTC; None if it is no date, which browsers ignore (RFC 6265bis, 5.1.1).

    Parses as Chromium 156 does, which accepts years of up to five digits and ignores time zones.
    """
    day = month = year = time = None
    for token in DELIMITERS.split(expires):
        if (found := TIME.fullmatch(token)) and len(token) < LONGEST_NUMBER:
            numbers = tuple(map(int, found.groups()))
            time = numbers if time is None and max(numbers) <= INT32 else time
        elif not re.fullmatch("[0-9]{1,5}", token):
            name = token[:3].lower()
            month = MONTHS.index(name) + 1 if month is None and name in MONTHS else month
        elif day is None and len(token) <= 2:
            day = int(token)
        elif year is None:
            year = int(token)
    if day is None or month is None or year is None or time is None:
        return None
    return _moment(year + (2000 if year < 70 else 1900 if year < 100 else 0), month, day, time)


def _moment(year: int, month: int, day: int, time: tuple[int, ...]) -> datetime | None:
    hour, minute, second = time
    # The calendar repeats every 400 years, so a year from 2000 on has the same 29th of February as the year asked for.
    if not 1 <= day <= calendar.monthrange(2000 + year % 400, month)[1] or hour > 23 or minute > 59 or second > 59:
        return None
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC) if year <= LATEST.year else LATEST
