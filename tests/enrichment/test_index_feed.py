"""Changed titles are handed to the maintenance pool."""

from __future__ import annotations

import pytest

from enrichment import index_feed, unindexed
from enrichment.models import Unindexed
from mangaassist.errors import Misconfigured
from tests.enrichment.test_intake import messages
from tests.mangaassist.conftest import Account

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_batch_is_one_message_in_a_group_of_its_own(provisioned: Account) -> None:
    Unindexed.objects.bulk_create([Unindexed(title_id=f"T{n}") for n in range(3)])
    assert (index_feed.dispatch(), index_feed.dispatch()) == (1, 0)
    [batch] = set(Unindexed.objects.values_list("batch", flat=True))
    assert messages() == {(f"index:{batch}", f"index:{batch}")}


def test_a_batch_stays_due_when_sqs_does_not_take_it(account: Account) -> None:
    Unindexed.objects.create(title_id="T1")
    with pytest.raises(Misconfigured):
        index_feed.dispatch()
    assert unindexed.take()
