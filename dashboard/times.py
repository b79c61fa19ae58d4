"""Stretches of time in words."""

from __future__ import annotations

from datetime import datetime

from mangaassist.language import Language
from mangaassist.messages import Texts
from mangaassist.scaling.forecast import Forecast

UNITS = (
    (86_400, Texts("{n}日", "{n} d")),
    (3_600, Texts("{n}時間", "{n} h")),
    (60, Texts("{n}分", "{n} min")),
    (1, Texts("{n}秒", "{n} s")),
)
ABOUT = Texts("約{time}", "about {time}")
AT_LEAST = Texts("{time}以上", "{time} at least")


def spell(seconds: float, language: Language) -> str:
    """In the largest unit of which there are two at least, rounded down."""
    size, text = next((unit for unit in UNITS if seconds >= 2 * unit[0]), UNITS[-1])
    return text.text(language, {"n": int(seconds // size)})


def since(at: datetime, now: datetime, language: Language) -> str:
    """How long ago; 0 seconds for what a machine with a faster clock wrote."""
    return spell(max(0.0, (now - at).total_seconds()), language)


def about(ahead: Forecast, language: Language) -> str:
    """How long until nothing waits, with the bounds of that. Raises ValueError if nobody knows."""
    if ahead.seconds is None:
        raise ValueError(f"no time is told of what {ahead.outlook}")
    told = ABOUT.text(language, {"time": spell(ahead.seconds, language)})
    if ahead.soonest is None:
        return told
    soonest = spell(ahead.soonest, language)
    if ahead.latest is None:
        return f"{told} ({AT_LEAST.text(language, {'time': soonest})})"
    return f"{told} ({soonest} – {spell(ahead.latest, language)})"
