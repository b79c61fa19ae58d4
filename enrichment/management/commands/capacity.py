"""manage.py capacity: what so many workers can do, and how many a rate needs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from enrichment import capacity_text, load
from enrichment.capacity import (
    Capacity,
    Conditions,
    Figure,
    Fleet,
    Source,
    capacity,
    slots_for,
)
from enrichment.figures import conditions
from mangaassist import presence
from mangaassist.management.asking import asking
from mangaassist.pools import ENRICHMENT

POSITIVE = ("workers", "slots", "parallel", "latency", "titles", "titles_per_minute")


class Command(BaseCommand):
    help = (
        "Answers how many titles a minute the enrichment workers can end, what binds that rate "
        "(workers, reserved slots, request quota or token quota), and how long a number of titles "
        "takes; with --titles-per-minute also how many workers that rate needs. Without options it "
        "speaks of the workers that are alive, the titles that wait, and what the last items "
        "needed; every figure says whether it is given, measured, assumed or a setting."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, help="instead of those that are alive")
        parser.add_argument("--slots", type=int, help="slots of one worker")
        parser.add_argument("--parallel", type=int, help="calls at a time in one slot")
        parser.add_argument("--latency", type=float, metavar="S", help="seconds of a call")
        parser.add_argument("--titles", type=int, help="instead of those that wait")
        parser.add_argument("--titles-per-minute", type=float, metavar="N", help="a rate to reach")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in POSITIVE:
            if options[name] is not None and not 0 < options[name] < math.inf:
                raise CommandError(f"--{name.replace('_', '-')} must be a number above 0.")
        with asking():
            on = conditions(options["parallel"], options["latency"])
            fleet = _fleet(options["workers"], options["slots"])
            titles = load.waiting() if options["titles"] is None else options["titles"]
        found = capacity(fleet.total, on)
        rate = options["titles_per_minute"]
        if options["json"]:
            self.stdout.write(json.dumps(_document(found, fleet, on, titles, rate), indent=2))
            return
        for line in _lines(found, fleet, on, titles, rate):
            self.stdout.write(line)


def _fleet(workers: int | None, slots: int | None) -> Fleet:
    """Given numbers, or those of living workers, or all that the pool reserves."""
    living = presence.living(ENRICHMENT.name)
    permits = presence.permits(ENRICHMENT.name)
    if slots is not None:
        each = Figure(slots, Source.GIVEN)
    elif living and permits:  # The last one may have ended between both questions.
        each = Figure(permits / living / ENRICHMENT.parallel, Source.MEASURED, "of living workers")
    else:
        each = Figure(settings.WORKER_SLOTS, Source.SET, "WORKER_SLOTS")
    if workers is not None:
        return Fleet(Figure(workers, Source.GIVEN), each)
    if living:
        return Fleet(Figure(living, Source.MEASURED, "alive"), each)
    most = max(1, ENRICHMENT.slots // round(each.value))
    return Fleet(Figure(most, Source.ASSUMED, "none is alive; the pool has room for these"), each)


def _lines(
    found: Capacity, fleet: Fleet, on: Conditions, titles: int, rate: float | None
) -> Iterator[str]:
    yield from capacity_text.answer(found, titles)
    if rate is not None:
        yield from capacity_text.target(rate, fleet, on, found)
    yield from capacity_text.basis(fleet, on)


def _document(
    found: Capacity, fleet: Fleet, on: Conditions, titles: int, rate: float | None
) -> dict[str, Any]:
    slots = None if rate is None else slots_for(rate, on)
    return {
        "titles_per_minute": found.rate,
        "binds": found.binds,
        "limits": {limit: {"titles_per_minute": most, "used": found.use(limit)}
                   for limit, most in found.rates.items()},
        "titles": titles,
        "seconds_to_clear": found.seconds(titles),
        "target": None if slots is None else {
            "titles_per_minute": rate,
            "slots": slots,
            "workers": -(-slots // round(fleet.slots.value)),
        },
        "figures": {
            name: asdict(figure) for name, figure in capacity_text.figures(fleet, on).items()
        },
    }  # fmt: skip
