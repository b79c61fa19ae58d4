"""A small file of alarms, and ways to change it, for tests of what reads it."""

from __future__ import annotations

from typing import Any

import yaml

from mangaassist.alarms.definitions import Alarm
from mangaassist.alarms.parsing import parsed

ENTRY: dict[str, Any] = {
    "name": "errors",
    "severity": "critical",
    "title": {"ja": "エラー", "en": "Errors"},
    "meaning": {"ja": "多い。", "en": "Too many."},
    "metrics": {"errors": {"metric": "Http5xx", "statistic": "Sum"}},
    "expression": "errors",
    "comparison": ">",
    "threshold": 10,
    "period": 60,
    "windows": "2 of 3",
    "missing": "missing",
    "look": "manage.py smoke",
}


def text(**changes: Any) -> str:
    """A file with one alarm; a change to None leaves the field out."""
    entry = {name: value for name, value in {**ENTRY, **changes}.items() if value is not None}
    return yaml.safe_dump([entry], allow_unicode=True, sort_keys=False)


def alarm(**changes: Any) -> Alarm:
    [found] = parsed(text(**changes)).values()
    return found
