"""The ledger of items: what came into each state and left it, when, and at what cost.

The database itself writes it (migration 0015), in the transaction that changes the items. So its
sums are the items' counts at every moment, whoever changes them, and nobody has to count items.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from enrichment.states import State


class LedgerEntry(models.Model):
    """So many items came into a state of a job, or left it when the number is negative.

    at: when, or for a folded entry the begin of a stretch of time whose changes are added up in it.
    """

    job = models.ForeignKey(
        "enrichment.Job", models.CASCADE, related_name="ledger", db_constraint=False
    )
    state = models.CharField(max_length=12, choices=State.choices)
    at = models.DateTimeField()
    items = models.BigIntegerField()
    cost = models.DecimalField(max_digits=16, decimal_places=6)  # USD
    folded = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["job", "state", "at"], name="one_folded_entry", condition=Q(folded=True)
            )
        ]
        indexes = [models.Index(fields=["id"], name="ledger_to_fold", condition=Q(folded=False))]

    def __str__(self) -> str:
        return f"{self.job_id} {self.state} {self.items:+}"
