"""Ages and dates of cookies, as browsers read them. No number of a site is too large for our calendar."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_SECONDS = 10**12  # more than there are in our calendar, less than a timedelta can hold
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DELIMITERS = re.compile(r"[\t !\"#$%&'()*+,\-./;<=>?@\[\\\]^_`{|}~]+")
AGE = re.compile(r"[+-]?[0-9]{1,1024}")
TIME = re.compile(r"([0-9]{1,9}):([0-9]{1,9}):([0-9]{1,9})")


def later(moment: datetime, seconds: float) -> datetime:
    """The moment so many seconds later (earlier, if negative), or where the calendar ends."""
    try:
        return moment + timedelta(seconds=max(-MOST_SECONDS, min(seconds, MOST_SECONDS)))
    except OverflowError:
        return LATEST if seconds > 0 else EARLIEST


def age(max_age: str) -> int | None:
    """The seconds of a ``Max-Age``; None for what is no whole number, which a browser ignores (RFC 6265bis, 5.6.2).

    Browsers read ASCII digits alone. Of a plus sign, which the RFC has them ignore too, we take Chromium's word.
    """
    return int(max_age) if AGE.fullmatch(max_age) else None


def date(expires: str) -> datetime | None:
    """The moment of an ``Expires``, always UTC; None for what is no date, which a browser ignores (RFC 6265bis, 5.1.1).

    As Chromium 156 reads it, which takes years of up to five digits and no notice of a time zone.
    """
    day = month = year = time = None
    for token in DELIMITERS.split(expires):
        if found := TIME.fullmatch(token):
            time = time or found
        elif not re.fullmatch("[0-9]{1,5}", token):
            name = token[:3].lower()
            month = MONTHS.index(name) + 1 if month is None and name in MONTHS else month
        elif day is None and len(token) <= 2:
            day = int(token)
        elif year is None:
            year = int(token)
    if day is None or month is None or year is None or time is None:
        return None
    year += 2000 if year < 70 else 1900 if year < 100 else 0
    hour, minute, second = map(int, time.groups())
    try:
        moment = datetime(min(year, LATEST.year), month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):  # the 31st of February
        return None
    return moment if year <= LATEST.year else LATEST
