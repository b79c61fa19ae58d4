"""A release in, every title enriched, each paid for once."""

from __future__ import annotations

from tests.acceptance.site import Site


def test_every_title_of_a_release_gets_synopsis_and_tags_for_one_call_each(site: Site) -> None:
    site.start_workers(2)
    site.start_keeper()
    site.start_keeper()
    site.simulator.reset()  # A worker asks the model something before it starts.
    release = site.release(titles=60)
    assert site.enrich(release) == 0
    rows = site.items(release)
    assert all(row["message_id"] and row["receives"] == 1 and row["request_id"] for row in rows)
    items = [row["id"] for row in rows]
    assert site.writers(release) == {item: {item} for item in items}
    assert site.calls(release) == dict.fromkeys(items, 1)
    assert len(items) == site.simulator.stats()["calls"] == 60


def test_the_same_file_again_costs_nothing(site: Site) -> None:
    site.start_workers(1)
    site.start_keeper()
    release = site.release(titles=3)
    statuses = [site.enrich(release), site.enrich(release)]
    assert statuses == [0, 0]
    assert list(site.calls(release).values()) == [1, 1, 1]


def test_a_title_that_the_model_declines_makes_the_command_say_so(site: Site) -> None:
    site.start_workers(1)
    site.start_keeper()
    release = site.release(titles=3)
    site.simulator.fault("stop_reason", value="refusal", times=1)
    assert site.enrich(release) == 1
    assert sorted(item["state"] for item in site.items(release)) == ["done", "done", "refused"]
