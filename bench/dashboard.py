"""What the dashboard costs with 1.2 million items in the database and 200 open pages."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import django
from django.db import connection

from bench import _cpu
from bench._deployment import Deployment, deployment
from bench._figures import percentile
from bench._full_store import fill
from bench._viewers import login, watching
from local import ports

JOBS, OPEN_JOBS, ITEMS, LARGE = 500, 20, 2_000, 200_000
QUICK_JOBS, QUICK_LARGE = 50, 20_000
SNAPSHOTS = 40
VIEWERS, SECONDS, QUICK_SECONDS, WARM_UP = 200, 30.0, 8.0, 15.0
START = 60.0  # seconds
LOOKS = 10  # at each page
LIMITS = {
    "snapshot_ms": (50.0, "ms"),
    "list_p95_ms": (100.0, "ms"),
    "detail_p95_ms": (100.0, "ms"),
    "large_detail_p95_ms": (100.0, "ms"),
    "sse_core_percent": (5.0, "%"),
}

Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench dashboard", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_JOBS} small jobs, not {JOBS}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    with deployment() as deployed:
        os.environ.update(deployed.environment(), DJANGO_SETTINGS_MODULE="mangaassist.settings")
        django.setup()
        jobs = QUICK_JOBS if arguments.quick else JOBS
        large = QUICK_LARGE if arguments.quick else LARGE
        fill(connection, jobs, ITEMS, OPEN_JOBS, large)
        figures = snapshots() | pages(jobs, large)
        figures |= viewers(deployed, QUICK_SECONDS if arguments.quick else SECONDS)
        connection.close()
    report(figures)
    if arguments.json:
        print(json.dumps(figures))
    within = all(figures[name] <= limit for name, (limit, _) in LIMITS.items())
    sys.exit(0 if arguments.quick or within else 1)


def snapshots() -> Figures:
    """The 95th percentile of taking one, in milliseconds."""
    from dashboard import snapshot

    snapshot.take()
    times = []
    for _ in range(SNAPSHOTS):
        begun = time.perf_counter()
        snapshot.take()
        times.append(1_000 * (time.perf_counter() - begun))
    return {"snapshot_ms": percentile(times, 0.95)}


def pages(jobs: int, large: int) -> Figures:
    """The 95th percentile of the time that the server needs for a page, in milliseconds."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.create_superuser("reader"))
    lists = ["", "?state=open", f"?before={jobs // 2}", "?q=12", "?mine=1"]
    details = [f"{jobs}/", "1/", "2/?state=failed", f"3/?before={3 * ITEMS}", "4/?q=19"]
    queries = ("", "?state=failed", f"?before={jobs * ITEMS + large // 2}")
    of_large = [f"{jobs + 1}/{query}" for query in queries]
    return {
        "list_p95_ms": percentile(list(_times(client, lists)), 0.95),
        "detail_p95_ms": percentile(list(_times(client, details)), 0.95),
        "large_detail_p95_ms": percentile(list(_times(client, of_large)), 0.95),
    }


def _times(client: Any, pages: Sequence[str]) -> Iterator[float]:
    """Milliseconds of each look but the first at each page."""
    for look in range(LOOKS + 1):
        for page in pages:
            begun = time.perf_counter()
            answer = client.get(f"/dashboard/jobs/{page}")
            if answer.status_code != HTTPStatus.OK:
                raise RuntimeError(f"{page}: {answer.status_code}")
            if look:
                yield 1_000 * (time.perf_counter() - begun)


def viewers(deployed: Deployment, seconds: float) -> Figures:
    """CPU of the web process while pages watch, less what it needs without them."""
    port = ports.free()
    web = deployed.product.start_web(port)
    deployed.wait(lambda: deployed.product.probe("web", WEB_PORT=str(port)).returncode == 0, START)
    cookie = login(port, "staff", deployed.product.staff_password())
    return asyncio.run(_watched(web.pid, port, cookie, seconds))


async def _watched(pid: int, port: int, cookie: str, seconds: float) -> Figures:
    async def core() -> float:
        """How much of one core the process needs meanwhile, in percent."""
        before = _cpu.seconds([pid])
        await asyncio.sleep(seconds)
        return 100 * (_cpu.seconds([pid]) - before) / seconds

    async with watching(port, cookie, 1):
        pass  # The first stream and snapshot of a process import and prepare much.
    await asyncio.sleep(WARM_UP)
    idle, before = await core(), _cpu.seconds([pid])
    async with watching(port, cookie, VIEWERS) as seen:
        opened = _cpu.seconds([pid]) - before
        busy, snapshots = await core(), seen.snapshots
    return {
        "sse_core_percent": busy - idle,
        "sse_open_ms": 1_000 * opened / VIEWERS,
        "idle_core_percent": idle,
        "snapshots_per_viewer_s": snapshots / VIEWERS / seconds,
    }


def report(figures: Figures) -> None:
    for name, (limit, unit) in LIMITS.items():
        ratio = figures[name] / limit
        print(
            f"{name:<24} {figures[name]:7.2f} {unit}, {ratio:.2f} of the limit of {limit:g} {unit}"
        )
    print(f"sse_open_ms              {figures['sse_open_ms']:7.2f} ms")
    print(f"idle_core_percent        {figures['idle_core_percent']:7.2f} %")
    print(f"snapshots_per_viewer_s   {figures['snapshots_per_viewer_s']:7.2f} of 1 a second")


if __name__ == "__main__":
    main()
