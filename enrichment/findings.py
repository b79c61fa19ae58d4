"""The rows of reconciliations: what was compared, and what did not agree."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Discrepancy(models.TextChoices):
    """Where an item, its message and its catalogue row do not agree."""

    LOST_MESSAGE = "lost_message"  # queued, and the queue is empty
    LOST_STATUS = "lost_status"  # not done, though the catalogue holds what it wrote
    LOST_WRITE = "lost_write"  # done, and the catalogue does not hold it


class Reconciliation(models.Model):
    """One comparison of items with the queue and the catalogue, and what it may repair."""

    class Repair(models.TextChoices):
        NOTHING = "nothing"  # a dry run
        FREE = "free"  # what costs no call of the model
        ALL = "all"

    job = models.ForeignKey(
        "enrichment.Job", models.CASCADE, null=True, blank=True
    )  # whose items, or:
    since = models.DateTimeField(null=True, blank=True)  # items that ended after it
    repair = models.CharField(max_length=8, choices=Repair.choices)
    cursor = models.BigIntegerField(default=-1)  # the last item compared; 0: only messages were
    compared = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict)  # discrepancy → items
    repaired = models.JSONField(default=dict)
    duplicates = models.PositiveIntegerField(default=0)  # messages beyond the outstanding items
    failure = models.TextField(blank=True)  # why the last try got no further
    beat_at = models.DateTimeField(null=True, blank=True)  # when it was last sent, or got further
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="reconciliation_due", condition=Q(ended_at=None))
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.repair}"


class Finding(models.Model):
    """One discrepancy; the first thousand of a reconciliation are kept."""

    reconciliation = models.ForeignKey(Reconciliation, models.CASCADE, related_name="findings")
    item = models.ForeignKey("enrichment.Item", models.CASCADE)
    discrepancy = models.CharField(max_length=12, choices=Discrepancy.choices)

    def __str__(self) -> str:
        return f"{self.item_id} {self.discrepancy}"
