"""What the search has to learn of, as rows that outlive it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Unindexed(models.Model):
    """A change of a title that no search has seen yet; a later one is a row of its own."""

    title_id = models.CharField(max_length=64)  # no key, since titles may be gone
    changed_at = models.DateTimeField(db_default=Now())
    batch = models.CharField(max_length=32, db_default="")  # whose worker has it
    tries = models.PositiveSmallIntegerField(db_default=0)
    lease_until = models.DateTimeField(null=True, blank=True)  # nobody else takes it until then
    version = models.BigIntegerField(null=True, blank=True)  # that was written, but is not seen yet

    class Meta:
        # Most rows wait, and each index costs them; few are out, and these are asked for.
        indexes = [models.Index(fields=["batch"], name="batch_out", condition=~Q(batch=""))]

    def __str__(self) -> str:
        return f"{self.title_id} {self.changed_at:%Y-%m-%d %H:%M:%S}"
