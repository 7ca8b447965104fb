"""Parses dates as Firefox does: not by the RFC's algorithm, but by that of NSPR (nsprpub/pr/src/misc/prtime.c).

NSPR knows time zones, takes a date without a time, takes the 31st of a short month for the next month's 1st,
and reads numbers with "/" between them. The steps below are NSPR's, oddities included.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cookieproof.cookies.dates import EARLIEST, LATEST, MONTHS, later

# Minutes from GMT, summer time included.
ZONES = {
    **{"pst": -480, "pdt": -420, "mst": -420, "mdt": -360, "cst": -360, "cdt": -300, "est": -300, "edt": -240},
    **{"ast": -240, "nst": -210, "gmt": 0, "bst": 60, "met": 60, "eet": 120, "jst": 540},
}
ENDS, BLANKS = " \t,;-+/()[]", " \t,;/()[]"
MOST_TOKENS, LAST_YEAR = 1000, 32767
END = "\0"  # what C finds behind the last character


def date(expires: str) -> datetime | None:
    """Return the moment of an ``Expires``, an aware UTC datetime; None if Firefox does not take it for a date.

    A moment after Python's calendar becomes its last. ``expires`` has a character for each octet.
    """
    found = _Parser(expires).parse()
    if found is None:
        return None
    year, month, day, seconds = found
    # The month may be -1 (December of the year before), and the day the 31st of a short month: both are carried over.
    year, month = year + month // 12, month % 12 + 1
    if not EARLIEST.year <= year <= LATEST.year:
        return EARLIEST if year < EARLIEST.year else LATEST
    return later(datetime(year, month, 1, tzinfo=UTC), 86400 * (day - 1) + seconds)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._month: int | None = None
        self._zone: str | None = None
        self._offset: int | None = None
        self._day = self._year = self._hour = self._minute = self._second = -1

    def parse(self) -> tuple[int, int, int, int] | None:
        """Return year, month (0 is January), day of the month and seconds of the day; None if the text is no date."""
        for _ in range(MOST_TOKENS + 1):
            if self._at >= len(self._text):
                break
            self._token()
            self._skip()
        else:
            return None
        if self._month is None or self._day == -1 or not -1 < self._year <= LAST_YEAR:
            return None
        offset = ZONES[self._zone or "gmt"] if self._offset is None else self._offset
        hour, minute, second = (0 if each == -1 else each for each in (self._hour, self._minute, self._second))
        return self._year, self._month, self._day, 3600 * hour + 60 * (minute - offset) + second

    def _char(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._text[at] if at < len(self._text) else END

    def _digits(self, start: int) -> int:
        """Return the index after the digits that begin at ``start``."""
        while start < len(self._text) and self._text[start] in "0123456789":
            start += 1
        return start

    def _token(self) -> None:
        if self._char() in "+-":
            self._sign()
        elif self._char() in "0123456789":
            self._number()
        else:
            self._word(self._text[self._at : self._at + 3].lower())

    def _word(self, word: str) -> None:
        if word in MONTHS:
            self._month = MONTHS.index(word) if self._month is None else self._month
        elif self._zone is None and word in ZONES:
            self._zone = word
        elif self._zone is None and word[:2] == "ut" and not _is_letter(word[2:]):
            self._zone = "gmt"

    def _sign(self) -> None:
        sign = 1 if self._char() == "+" else -1
        self._at += 1
        if self._offset is not None or self._zone not in (None, "gmt"):
            return
        digits = self._text[self._at : self._digits(self._at)]
        if len(digits) not in (1, 2, 4):
            return
        hours, minutes = (digits[:2], digits[2:]) if len(digits) == 4 else (digits, "0")
        offset = sign * (60 * int(hours) + int(minutes))
        self._offset = None if offset == -1 else offset  # -1 is NSPR's own sign for "none"
        self._zone = "gmt"

    def _number(self) -> None:
        end = self._digits(self._at)
        following = self._text[end : end + 2]
        if following[:1] == ":":
            self._time(end)
        elif following[:1] in ("/", "-") and following[1:] and following[1] in "0123456789":
            self._numeric_date()
        elif not _is_letter(following[:1]):
            self._day_or_year(self._text[self._at : end])

    def _day_or_year(self, digits: str) -> None:
        number = int(digits) if len(digits) < 6 else 0
        if len(digits) in (4, 5):
            self._year = number if self._year < 0 else self._year
        elif len(digits) == 2 and not (self._day < 0 and number < 32):
            self._year = _full_year(number) if self._year < 0 else self._year
        elif len(digits) in (1, 2):
            self._day = number if self._day < 0 else self._day

    def _time(self, colon: int) -> None:
        if (self._hour >= 0 and self._minute >= 0) or colon - self._at > 2:
            return
        hour = int(self._text[self._at : colon])
        self._at = colon + 1
        end = self._digits(self._at)
        if not 1 <= end - self._at <= 2:
            return
        minute = int(self._text[self._at : end])
        self._at = end
        self._at += self._char() == ":"
        end = self._digits(self._at)
        if end - self._at > 2:
            return
        # Where there are no seconds, NSPR takes the next character for a digit.
        second = int(self._text[self._at : end]) if end - self._at == 2 else _as_digit(self._char())
        if hour <= 12:
            half = self._text[end:].lstrip(" \t")[:2].lower()
            hour = hour % 12 + 12 if half == "pm" else 0 if half == "am" and hour == 12 else hour
        self._hour, self._minute, self._second = hour, minute, second
        self._at = end

    def _numeric_date(self) -> None:
        """Read a date such as 6/16/95, 16/6/95 or 95/6/16, with "/" or "-", from the current position."""
        if self._month is not None:
            return
        numbers, at = list[int](), self._at
        for most in (2, 2, 5):
            end = min(self._digits(at), at + most)
            if end == at or end - at == 3:
                return
            numbers.append(int(self._text[at:end]))
            at = end
            if len(numbers) < 3:
                if self._text[at : at + 1] not in ("/", "-"):
                    return
                at += 1
        if self._text[at : at + 1].isascii() and self._text[at : at + 1].isalnum():
            return
        first, second, third = numbers
        if first > 31 or first == 0:
            if second <= 12 and third <= 31:
                self._year, self._month, self._day, self._at = _full_year(first), second - 1, third, at
            return
        self._at = at
        if first <= 12 or second <= 12:
            day, month = (first, second) if first > 12 else (second, first)
            self._day, self._month, self._year = day, month - 1, _full_year(third)

    def _skip(self) -> None:
        """Move the position to the next token."""
        while self._at < len(self._text) and self._char() not in ENDS:
            self._at += 1
        while True:
            while self._at < len(self._text) and self._char() in BLANKS:
                self._at += 1
            if self._char() != "-":
                return
            is_behind_a_word = self._at > 0 and _is_letter(self._char(-1)) and self._year < 0
            if not is_behind_a_word and self._char(1) in "0123456789":
                return
            self._at += 1


def _full_year(year: int) -> int:
    return year + (2000 if year < 70 else 1900 if year < 100 else 0)


def _is_letter(text: str) -> bool:
    return text.isascii() and text.isalpha()


def _as_digit(character: str) -> int:
    octet = ord(character)
    return octet - ord("0") - (256 if octet > 127 else 0)  # a char is signed
