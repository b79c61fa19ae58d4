"""Ways to make alarms of the catalogue ring."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models.functions import Now

from enrichment.models import Unindexed
from mangaassist import catalog
from mangaassist.errors import Throttled
from mangaassist.pools import ENRICHMENT
from mangaassist.resources import CATALOG_TABLE
from tests.enrichment.factories import make_job
from tests.enrichment.searching import index_all
from tests.incidents.conftest import deliver, deliver_again, policy, policy_with_the_old_name
from tests.mangaassist.alarms.scene import (
    Act,
    Provocation,
    Scene,
    measure_items,
    measure_pools,
    nothing,
)

TABLE = CATALOG_TABLE.name
DENIED = "dynamodb:UpdateItem on table manga-catalog"


def the_policy_has_the_old_name(scene: Scene) -> None:
    """Incident 5, and what a keeper measures after it."""
    assert scene.simulator
    make_job()
    scene.worker.act_with(policy_with_the_old_name(scene.worker))
    deliver()
    measure_items()
    measure_pools()


def the_policy_is_repaired(scene: Scene) -> None:
    """The probe is let through and ends, the next tick opens the pool, and the rest is done."""
    scene.worker.act_with(policy(scene.worker))
    deliver_again()
    deliver()
    deliver()
    measure_items()
    measure_pools()


def the_table_is_busy(scene: Scene) -> None:
    scene.answer_all(400, "ProvisionedThroughputExceededException")
    with pytest.raises(Throttled):
        write(item=1)


def an_older_item_comes_late(scene: Scene) -> None:
    assert scene.account
    write(item=2)
    write(item=1)


def a_change_does_not_reach_the_search(scene: Scene) -> None:
    long_ago = Now() - timedelta(minutes=6)
    Unindexed.objects.create(title_id="M1", changed_at=long_ago)
    measure_items()


def it_reaches_the_search(scene: Scene) -> None:
    assert scene.account
    index_all()
    measure_items()


def write(item: int) -> None:
    made_by = catalog.Provenance(item, 1, "a-model", "v1", "abc", 120, 340, Decimal("0.00182"))
    catalog.put("M1", {"titleJp": "題"}, {"tags": {"ja": ["冒険"]}}, made_by)


def denied(heals: Act, subject: str = "") -> Provocation:
    return Provocation(the_policy_has_the_old_name, heals, subject, DENIED, commits=True)


CATALOG = {
    "writes-stopped": denied(the_policy_is_repaired),
    "catalog-denied": denied(nothing, TABLE),
    "pool-blocked": denied(the_policy_is_repaired, ENRICHMENT.name),
    "dynamo-throttles": Provocation(the_table_is_busy, nothing, TABLE),
    "search-behind": Provocation(
        a_change_does_not_reach_the_search, it_reaches_the_search, commits=True
    ),
    "stale-writes": Provocation(an_older_item_comes_late, nothing, TABLE),
}
