"""The ways in which people write a date, a month or a year, as ISO 8601 writes them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

FORMS = [
    re.compile(form, re.VERBOSE)
    for form in (
        r"([0-9]{4}) (?: ([-/.]) ([0-9]{1,2}) (?: \2 ([0-9]{1,2}) )? )?",
        r"([0-9]{4}) () ([0-9]{2}) ([0-9]{2})",
        r"([0-9]{4}) (年) (?: ([0-9]{1,2}) 月 (?: ([0-9]{1,2}) 日 )? )?",
    )
]
MIDNIGHT = re.compile(r"(?<=[0-9])(?:[ T]0{1,2}:00(?::00)?)$")  # What a spreadsheet adds to a date.


def iso_date(text: str) -> str:
    """YYYY, YYYY-MM or YYYY-MM-DD; nothing when the text is no date."""
    plain = MIDNIGHT.sub("", unicodedata.normalize("NFKC", text))
    for form in FORMS:
        if found := form.fullmatch("".join(plain.split())):
            year, _, month, day = found.groups()
            return _iso(year, month, day)
    return ""


def _iso(year: str, month: str | None, day: str | None) -> str:
    try:
        whole = date(int(year), int(month or 1), int(day or 1)).isoformat()
    except ValueError:
        return ""
    return whole[: 10 if day else 7 if month else 4]
