"""The rows of deliveries that failed, so that each try of an item can be looked at later.

What succeeds at once costs no row: the item itself tells of its last delivery.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

COPIED = (
    "delivery", "started_at", "worker", "message_id", "receives", "request_id", "code", "message",
    "calls", "input_tokens", "output_tokens", "cost",
)  # fmt: skip


class FailedDelivery(models.Model):
    """A delivery that used a try, or whose worker died, as its item told of it then.

    calls, tokens, cost: of the item until then, its earlier deliveries included.
    """

    item = models.ForeignKey("enrichment.Item", models.CASCADE, related_name="failed_deliveries")
    delivery = models.PositiveIntegerField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(db_default=Now())
    worker = models.CharField(max_length=120)
    message_id = models.CharField(max_length=100)
    receives = models.PositiveIntegerField()
    request_id = models.CharField(max_length=100)
    code = models.CharField(max_length=100)
    message = models.TextField()
    calls = models.PositiveSmallIntegerField()
    input_tokens = models.PositiveIntegerField()
    output_tokens = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=12, decimal_places=6)  # USD

    def __str__(self) -> str:
        return f"{self.item_id}:{self.delivery} {self.code}"


def note(items: models.QuerySet[models.Model]) -> None:
    """Keeps what items say of the delivery that has just failed."""
    rows = items.values("pk", *COPIED)
    FailedDelivery.objects.bulk_create(FailedDelivery(item_id=row.pop("pk"), **row) for row in rows)
