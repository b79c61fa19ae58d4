"""Whether a slow model makes a backlog, and whether a flooded pool takes from the others."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from bench import _backlog, _incident, _isolation
from bench._backlog import FAST, PERMITS
from bench._deployment import Deployment, deployment
from bench._incident import Course
from mangaassist.pools import WorkerPool

AGE_LIMIT_S = 160.0
RATIO_LIMIT = 0.95
LIMIT = PERMITS / FAST  # titles/s

Figures = dict[str, float]


@dataclass(frozen=True)
class Plan:
    """The incident; titles of a job beside a flood; which pools are flooded at once."""

    course: Course
    titles: int
    groups: Sequence[Sequence[WorkerPool]]


FULL = Plan(Course(75, 330, 45), 300, [[pool] for pool in _isolation.OTHERS])
QUICK = Plan(Course(6, 14, 2), 75, [_isolation.OTHERS])


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench backpressure", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a minute of the incident")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    print("backpressure: 500 titles a minute, 25 permits, calls of 2 s, then 8 s", flush=True)
    figures = model_hour()
    with deployment() as deployed:
        figures |= relive(deployed, plan.course) | flood(deployed, plan)
    if arguments.json:
        print(json.dumps(figures))
    sys.exit(1 if broken(figures, quick=arguments.quick) else 0)


def broken(figures: Figures, *, quick: bool) -> bool:
    """Whether a limit does not hold. A flood in a quick run is too short to be judged."""
    return (
        figures["violations"] + figures["hour_violations"] > 0
        or figures["max_outstanding"] > figures["window"]
        or max(figures["max_age_s"], figures["hour_max_age_s"]) > AGE_LIMIT_S
        or (not quick and (figures["flooded_ratio"] < RATIO_LIMIT or not figures["flood_left"]))
    )


def model_hour() -> Figures:
    """The whole hour in virtual time: the model is slow from the 10th to the 40th minute."""
    windowed, opened = _backlog.hour(), _backlog.hour(open_producer=True)
    show("an hour, modelled: oldest message, s", windowed.max_age, _share(windowed.max_age))
    show("  most outstanding", windowed.max_outstanding, "items")
    show("  open producer: oldest message, s", opened.max_age, _share(opened.max_age))
    show("  open producer: most waiting", opened.max_depth, "messages")
    return {
        "hour_max_age_s": windowed.max_age,
        "hour_max_outstanding": windowed.max_outstanding,
        "hour_violations": sum(sent.too_many for sent in windowed.sent),
        "hour_open_producer_max_age_s": opened.max_age,
        "hour_open_producer_max_depth": opened.max_depth,
    }


def relive(deployed: Deployment, course: Course) -> Figures:
    """The incident with the real processes."""
    seen = _incident.relive(deployed, course)
    show("the product: oldest message, s", seen.max_age, _share(seen.max_age))
    show("  most outstanding", seen.peak.outstanding, f"the window then: {seen.peak.window}")
    show("  sends beyond the window", seen.violations, f"{seen.sent} items sent")
    show("  items sent again", seen.sent_again, "their first message was taken for lost")
    show("an open producer: oldest message, s", seen.open_max_age, _share(seen.open_max_age))
    show("  most waiting", seen.open_max_depth, "messages")
    return {
        "max_outstanding": seen.peak.outstanding,
        "window": seen.peak.window,
        "violations": seen.violations,
        "sent_again": seen.sent_again,
        "max_age_s": seen.max_age,
        "open_producer_max_age_s": seen.open_max_age,
        "open_producer_max_depth": seen.open_max_depth,
    }


def flood(deployed: Deployment, plan: Plan) -> Figures:
    """Titles per second while other pools are flooded, beside the same alone."""
    measured = _isolation.measure(deployed, plan.titles, plan.groups)
    alone = next(measured).rate
    show("titles/s while no pool is flooded", alone, f"{alone / LIMIT:.3f} of the limit {LIMIT}")
    flooded = []
    for one in measured:
        flooded.append(one)
        ratio = f"{one.rate / alone:.3f} of that; {one.left} messages still waited"
        show(f"  {one.pools} flooded", one.rate, ratio)
    return {
        "titles_per_s": alone,
        "flooded_ratio": min(one.rate for one in flooded) / alone,
        "flood_left": min(one.left for one in flooded),
    }


def show(what: str, value: float, beside: str) -> None:
    print(f"{what:<42} {value:8.2f}   ({beside})", flush=True)


def _share(age: float) -> str:
    return f"{age / AGE_LIMIT_S:.2f} of the limit"


if __name__ == "__main__":
    main()
