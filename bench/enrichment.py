"""How fast titles are enriched, beside what the model allows and beside a plain worker."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass

from bench import _peer
from bench._deployment import PRODUCT, Deployment, Done, deployment
from bench._figures import steady_rate

LATENCY = 2.0  # seconds; what a call takes while rates are measured
SHORT_LATENCY = 0.05  # seconds; while the cost of jobs of two sizes is compared
SLOTS = {100: (5, 5), 250: (13, 12)}  # calls in flight → slots of each worker process
WHOLE_POOL = 250
CORES = os.cpu_count()

Figures = dict[str, float]


@dataclass(frozen=True)
class Plan:
    """Which pools are timed, by calls in flight, and how many titles each job has."""

    pools: tuple[int, ...]
    titles: int
    small: int
    large: int


FULL = Plan(pools=(100, 250), titles=2_000, small=1_000, large=20_000)
QUICK = Plan(pools=(250,), titles=750, small=150, large=600)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench enrichment", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small jobs: under 50 seconds in all")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    extent = "quick, so rough: " if arguments.quick else ""
    print(f"enrichment: {extent}{plan.titles} titles, {LATENCY} s a call", flush=True)
    with deployment() as deployed:
        figures = measure(deployed, plan)
    if arguments.json:
        print(json.dumps(figures))
    sys.exit(1 if figures["failed"] else 0)


def measure(deployed: Deployment, plan: Plan) -> Figures:
    """All figures by their JSON keys; each is printed as soon as it is known."""
    figures = time_peer(deployed, plan) | {"failed": 0}
    for in_flight in plan.pools:
        deployed.start(SLOTS[in_flight])
        figures |= time_pool(deployed, plan, in_flight, figures)
    return figures | compare_sizes(deployed, plan, figures)


def time_peer(deployed: Deployment, plan: Plan) -> Figures:
    """The rate of a worker of plain Celery and boto3 on the same queue server and simulator."""
    deployed.bedrock.answer_in(LATENCY)
    peer = _peer.enrich(deployed, plan.titles, WHOLE_POOL, _patience(plan.titles, 10))
    rate = steady_rate(peer.moments, WHOLE_POOL)
    limit = WHOLE_POOL / LATENCY
    show(f"plain worker, {WHOLE_POOL} in flight: titles/s", rate, _share(rate, limit))
    show("plain worker: CPU per title, ms", peer.cpu_ms, "one call and one write, nothing tracked")
    return {"peer_titles_per_s": rate}


def time_pool(deployed: Deployment, plan: Plan, in_flight: int, figures: Figures) -> Figures:
    """Titles per second beside Little's law: calls in flight divided by the latency of one."""
    limit = in_flight / LATENCY
    deployed.bedrock.answer_in(LATENCY)
    done = deployed.enrich(plan.titles, within=_patience(plan.titles, limit))
    rate = steady_rate(done.ended, in_flight)
    busy = f"{_share(rate, limit)}; other programs kept {done.others:.1f} of {CORES} cores busy"
    show(f"product, {in_flight} in flight: titles/s", rate, busy)
    failed = {"failed": figures["failed"] + done.failed}
    if in_flight != WHOLE_POOL:
        return failed | {f"ratio_to_limit_{in_flight}": rate / limit}
    peer = figures["peer_titles_per_s"]
    show("product beside the plain worker", rate / peer, f"{rate:.0f} to {peer:.0f} titles/s")
    show_cost(done)
    return failed | {
        "titles_per_s": rate,
        "ratio_to_limit": rate / limit,
        "product_cpu_ms_per_title": done.cpu_ms(PRODUCT),
    }


def compare_sizes(deployed: Deployment, plan: Plan, figures: Figures) -> Figures:
    """What a title costs in a large job beside a small one: CPU of product and database."""
    deployed.bedrock.answer_in(SHORT_LATENCY)
    small, large = (
        deployed.enrich(titles, within=_patience(titles, 20)) for titles in (plan.small, plan.large)
    )
    less, more = (done.cpu_ms(PRODUCT, "postgres") for done in (small, large))
    sizes = f"{more:.1f} ms with {plan.large:,} titles to {less:.1f} ms with {plan.small:,}"
    show("growth of the cost per title", more / less, sizes)
    return {"growth_ratio": more / less, "failed": figures["failed"] + small.failed + large.failed}


def show_cost(done: Done) -> None:
    stand_ins = done.cpu_ms(*(name for name in done.cpu if name != PRODUCT))
    ours = done.cpu_ms(PRODUCT)
    show("product: CPU per title, ms", ours, f"beside {stand_ins:.1f} ms of the stand-ins")


def show(what: str, value: float, beside: str) -> None:
    print(f"{what:<42} {value:8.2f}   ({beside})", flush=True)


def _share(rate: float, limit: float) -> str:
    return f"{rate / limit:.3f} of the limit {limit:.0f}"


def _patience(titles: int, per_second: float) -> float:
    """Seconds after which a job counts as stuck."""
    return 60 + 4 * titles / per_second


if __name__ == "__main__":
    main()
