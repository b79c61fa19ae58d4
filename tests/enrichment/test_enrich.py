"""One delivery of one item, with the real catalogue and the real database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models.functions import Now

from enrichment.database import STORE
from enrichment.enrich import enrich
from enrichment.models import Item, Title, Unindexed
from enrichment.states import State
from enrichment.store import Outcome
from mangaassist import catalog
from mangaassist.activity import WORKER
from mangaassist.errors import Misconfigured, Temporary
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT
from tests.enrichment.factories import make_job
from tests.simulator import Simulator

SOURCE = catalog.Provenance(0, 1, "m", "v", "h", 1, 1, Decimal(0))  # an earlier item

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("provisioned", "new_gate"),
]


def queued() -> Item:
    """An item that has been sent once."""
    job = make_job()
    STORE.dispatch(job.pk, 1)
    return job.items.get()


def test_an_item_ends_done_with_its_result_in_the_catalogue(simulator: Simulator) -> None:
    item = queued()
    enrich(item.pk, 1)
    item.refresh_from_db()
    row = catalog.get(item.title_id)
    assert row
    assert (item.state, item.worker) == (State.DONE, WORKER)
    assert row["titleJp"] == item.title.title_jp
    assert {row["enrichment"][kind]["item"] for kind in ("synopsis", "tags")} == {item.pk}


def test_price_and_stock_of_a_release_reach_the_catalogue() -> None:
    item = queued()
    Title.objects.filter(pk=item.title_id).update(price="748", availability="in_stock", volumes="3")
    enrich(item.pk, 1)
    row = catalog.get(item.title_id)
    assert row
    assert (row["price"], row["availability"], row["volumes"]) == ("748", "in_stock", "3")


def test_a_price_that_a_release_has_cleared_leaves_the_catalogue() -> None:
    item = queued()
    catalog.put(item.title_id, {"price": "748", "volumes": "3"}, {"pitch": {"ja": "猫"}}, SOURCE)
    Title.objects.filter(pk=item.title_id).update(price="", volumes=None)
    enrich(item.pk, 1)
    row = catalog.get(item.title_id)
    assert row
    assert ("price" in row, row["volumes"]) == (False, "3")


def test_a_new_price_alone_costs_no_call(simulator: Simulator) -> None:
    item = queued()
    catalog.put(item.title_id, {"price": "748"}, {"synopsis": {"ja": "猫の話。"}}, SOURCE)
    Title.objects.filter(pk=item.title_id).update(price="800")
    Item.objects.update(offer_only=True)
    enrich(item.pk, 1)
    item.refresh_from_db()
    row = catalog.get(item.title_id)
    assert row
    assert (row["price"], row["enrichment"]["synopsis"]["ja"]) == ("800", "猫の話。")
    assert (item.state, item.calls, simulator.stats()["calls"]) == (State.DONE, 0, 0)
    assert not Unindexed.objects.exists()


def test_an_item_knows_what_it_cost(simulator: Simulator) -> None:
    item = queued()
    enrich(item.pk, 1)
    item.refresh_from_db()
    stats = simulator.stats()
    assert (item.calls, item.input_tokens, item.output_tokens) == (
        1, stats["input_tokens"], stats["output_tokens"],
    )  # fmt: skip
    assert item.cost > 0
    assert item.request_id


@pytest.mark.parametrize("state", [State.PENDING, State.RUNNING, State.DONE, State.CANCELLED])
def test_a_delivery_that_finds_its_item_in_another_state_costs_nothing(
    simulator: Simulator, state: State
) -> None:
    item = queued()
    Item.objects.update(state=state)
    enrich(item.pk, 1)
    item.refresh_from_db()
    assert (item.state, simulator.stats()["calls"]) == (state, 0)


def test_an_old_delivery_costs_nothing(simulator: Simulator) -> None:
    item = queued()
    Item.objects.update(delivery=2)
    enrich(item.pk, 1)
    item.refresh_from_db()
    assert (item.state, simulator.stats()["calls"]) == (State.QUEUED, 0)


def test_an_item_that_is_gone_costs_nothing(simulator: Simulator) -> None:
    enrich(10**9, 1)
    assert simulator.stats()["calls"] == 0


def test_a_blocked_pools_item_goes_back_at_once(simulator: Simulator) -> None:
    item = queued()
    PoolState.objects.create(pool=ENRICHMENT.name, blocked_at=Now())
    enrich(item.pk, 1)
    item.refresh_from_db()
    assert (item.state, item.tries, simulator.stats()["calls"]) == (State.PENDING, 0, 0)


def test_a_blocked_pools_probe_is_worked(simulator: Simulator) -> None:
    item = queued()
    PoolState.objects.create(pool=ENRICHMENT.name, blocked_at=Now(), probe_item=item.pk)
    enrich(item.pk, 1)
    item.refresh_from_db()
    assert item.state == State.DONE


def test_a_failed_call_leaves_the_item_running_with_its_cost_recorded(
    simulator: Simulator,
) -> None:
    item = queued()
    simulator.fault("InternalServerException")
    with pytest.raises(Temporary):
        enrich(item.pk, 1)
    item.refresh_from_db()
    assert (item.state, item.calls, item.draft) == (State.RUNNING, 1, None)
    assert item.request_id


def test_a_later_delivery_without_a_call_keeps_the_request_of_the_last_one(
    simulator: Simulator,
) -> None:
    item = queued()
    enrich(item.pk, 1)
    asked = Item.objects.get().request_id
    Item.objects.update(state=State.RUNNING, draft=None)
    STORE.settle(item.pk, 1, Outcome(State.PENDING))
    assert Item.objects.get().request_id == asked


def test_a_missing_model_is_a_misconfiguration(simulator: Simulator) -> None:
    item = queued()
    simulator.fault("ResourceNotFoundException")
    with pytest.raises(Misconfigured):
        enrich(item.pk, 1)


def test_a_draft_is_written_without_asking_the_model_again(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = queued()
    with monkeypatch.context() as patch:
        patch.setattr(catalog, "put", _busy)
        with pytest.raises(Temporary):
            enrich(item.pk, 1)
    Item.objects.update(state=State.QUEUED, delivery=2)
    enrich(item.pk, 2)
    item.refresh_from_db()
    assert (item.state, item.draft, item.calls) == (State.DONE, None, 1)
    assert simulator.stats()["calls"] == 1


def test_a_second_delivery_takes_the_first_result_over_and_costs_nothing(
    simulator: Simulator,
) -> None:
    item = queued()
    enrich(item.pk, 1)
    first = catalog.get(item.title_id)
    Item.objects.update(state=State.QUEUED, delivery=2)
    enrich(item.pk, 2)
    assert catalog.get(item.title_id) == first
    assert simulator.stats()["calls"] == 1
    assert Unindexed.objects.filter(title_id=item.title_id).count() == 2


def _busy(*_: object) -> None:
    raise Temporary("busy", "The table is busy.")
