"""Pages by key: every row once, in both directions."""

from __future__ import annotations

import pytest
from django.core.exceptions import BadRequest
from django.http import QueryDict

from dashboard.keyset import page
from enrichment.models import Item
from tests.enrichment.factories import make_job


@pytest.mark.django_db
@pytest.mark.parametrize("titles", [0, 1, 3, 4, 7])
def test_every_row_comes_once_there_and_back(titles: int) -> None:
    rows = make_job(titles).items.all()
    there, back = [page(rows, QueryDict(), 3)], []
    while there[-1].older:
        there.append(page(rows, QueryDict(there[-1].older), 3))
    newest_first = list(rows.order_by("-pk"))
    assert [row for one in there for row in one.rows] == newest_first
    assert not there[0].newer
    at = there[-1]
    while at.newer:
        at = page(rows, QueryDict(at.newer), 3)
        back.append(at)
    assert [one.rows for one in back] == [one.rows for one in there[-2::-1]]


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x", "-1", "9" * 19, "１"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(BadRequest):
        page(Item.objects.all(), {"before": key}, 3)
