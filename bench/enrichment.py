"""How fast titles are enriched: against Little's law, against a plain worker, and in jobs of any size."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass

from bench import _peer
from bench._deployment import Deployment, Done, deployment
from bench._figures import steady_rate

LATENCY = 2.0  # seconds; what a call takes while rates are measured
SHORT_LATENCY = 0.05  # seconds; while cost is measured
SLOTS = {100: (5, 5), 250: (13, 12)}  # calls in flight → slots of each worker process
MOST = 250


@dataclass(frozen=True)
class Plan:
    """How many titles each part takes. `pools` are the calls in flight of the parts that time the product."""

    pools: tuple[int, ...]
    titles: int
    small: int
    large: int


FULL = Plan(pools=(100, 250), titles=2_000, small=1_000, large=20_000)
QUICK = Plan(pools=(250,), titles=750, small=200, large=1_000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench enrichment", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer titles: under 50 seconds in all")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    print(f"enrichment{', quick' if arguments.quick else ''}: {plan.titles} titles, {LATENCY} s a call")
    figures = measure(plan)
    if arguments.json:
        print(json.dumps(figures))
    sys.exit(1 if figures["failed"] else 0)


def measure(plan: Plan) -> dict[str, float]:
    """All figures by their JSON keys; each is printed as soon as it is known."""
    figures: dict[str, float] = {}
    failed = 0
    with deployment() as deployed:
        for in_flight in plan.pools:
            with deployed.product(SLOTS[in_flight]) as product:
                deployed.bedrock.answer_in(LATENCY)
                limit = in_flight / LATENCY
                done = deployed.enrich(product, plan.titles, within=60 + 4 * plan.titles / limit)
                failed += done.failed
                figures |= _rate(done, in_flight, limit)
                if in_flight == MOST:
                    figures |= _growth(deployed, product, plan)
        figures |= _beside_peer(deployed, plan, figures["titles_per_s"])
    return figures | {"failed": failed}
