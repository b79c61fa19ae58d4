"""Processes die in the middle of a job; nothing is lost and nothing is written twice."""

from __future__ import annotations

from tests.acceptance.site import Site
from tests.acceptance.valkey import Valkey

LEASE = 60.0  # seconds until a dead worker's items and messages are free again


def test_every_item_ends_once_though_a_worker_a_keeper_and_valkey_are_killed(
    site: Site, valkey: Valkey
) -> None:
    victim, _ = site.start_workers(2)
    keeper = site.start_keeper()
    site.simulator.latency(fixed=0.5)
    release = site.release(titles=200)
    assert site.enrich(release, "--no-wait") == 0
    site.wait(lambda: len(site.in_state(release, "done")) > 50)
    for process in (victim, keeper, valkey):
        process.kill()
    held = site.in_state(release, "running")
    site.start_keeper()
    site.wait(lambda: site.alarm("limiter-degraded") == "ALARM", seconds=LEASE)
    valkey.start()
    site.wait(lambda: site.all_done(release), seconds=3 * LEASE)
    items = site.items(release)
    calls = site.calls(release)
    assert len(items) == 200
    assert [item["id"] for item in items if item["crashes"]]  # The victim had work in hand.
    assert {item["id"] for item in items if item["crashes"]} <= held
    assert site.writers(release) == {item["id"]: {item["id"]} for item in items}
    assert all(1 <= calls[item["id"]] <= 2 * item["delivery"] for item in items)
    site.wait(lambda: site.alarm("limiter-degraded") == "OK", seconds=2 * LEASE)


def test_a_worker_that_is_asked_to_end_finishes_what_it_runs_and_leaves_the_rest(
    site: Site,
) -> None:
    [worker] = site.start_workers(1)
    site.start_keeper()
    site.simulator.latency(fixed=1)
    release = site.release(titles=30)
    site.enrich(release, "--no-wait")
    site.wait(lambda: site.simulator.stats()["active"] >= 5)
    running = site.in_state(release, "running")
    assert worker.finish() == 0
    assert running <= site.in_state(release, "done")
    assert not site.in_state(release, "running")
    site.start_workers(1)
    site.wait(lambda: site.all_done(release))
    assert set(site.calls(release).values()) == {1}


def test_a_keeper_that_is_asked_to_end_exits_well(site: Site) -> None:
    keeper = site.start_keeper()
    site.wait(lambda: "keeper_started" in keeper.log)
    assert keeper.finish() == 0
