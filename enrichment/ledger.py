"""The ledger of items: what came into each state and left it, when, and at what cost.

The database itself writes it (migrations 0015 and 0019), in the transaction that changes the items.
So its sums are the items' counts at every moment, whoever changes them, and nobody has to count
items.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import Max, Q, Sum

from enrichment.states import State


class LedgerEntry(models.Model):
    """So many items came into a state of a job, or left it when the number is negative.

    at: when, or for a folded entry the begin of a stretch of time whose changes are added up in it.
    costliest: what the costliest of the items that came had cost until then.
    """

    job = models.ForeignKey(
        "enrichment.Job", models.CASCADE, related_name="ledger", db_constraint=False
    )
    state = models.CharField(max_length=12, choices=State.choices)
    at = models.DateTimeField()
    items = models.BigIntegerField()
    cost = models.DecimalField(max_digits=16, decimal_places=6)  # USD
    costliest = models.DecimalField(max_digits=12, decimal_places=6, db_default=0)  # USD
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


@dataclass(frozen=True)
class Spending:
    """USD that a job has cost until now, and that its costliest item has."""

    paid: Decimal
    costliest: Decimal


def spending(jobs: Collection[int]) -> dict[int, Spending]:
    """By the ids of jobs."""
    entries = LedgerEntry.objects.filter(job__in=jobs).values_list("job").order_by()
    sums = entries.annotate(Sum("cost"), Max("costliest"))
    nothing = dict.fromkeys(jobs, Spending(Decimal(0), Decimal(0)))
    return nothing | {job: Spending(paid, costliest) for job, paid, costliest in sums}
