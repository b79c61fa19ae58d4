"""The rows of samples: answers about a few titles of a release, written before its job is begun."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Sample(models.Model):
    """What the model writes about one row; nothing of it gets into the catalogue."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for a worker
        WRITING = "writing"
        DONE = "done"
        FAILED = "failed"

    row = models.ForeignKey("enrichment.ReleaseRow", models.CASCADE, related_name="samples")
    kinds = models.JSONField()
    languages = models.JSONField()
    model = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    results = models.JSONField(null=True, blank=True)  # kind → texts by language
    message = models.TextField(blank=True)  # why there are none
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=0)  # USD
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"

    @classmethod
    def outstanding(cls) -> models.QuerySet[Sample]:
        """Those that a worker has, or will have."""
        return cls.objects.filter(state__in=[cls.State.WAITING, cls.State.WRITING])
