"""What the processes tell each other through the database: blocked pools and living workers."""

from __future__ import annotations

from django.db import models


class PoolState(models.Model):
    """One row per pool: whether it is blocked, why, and which item probes it."""

    pool = models.CharField(max_length=40, primary_key=True)
    blocked_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=100, blank=True)
    message = models.TextField(blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    probe_item = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.pool} ({'blocked: ' + self.code if self.blocked_at else 'open'})"


class WorkerBeat(models.Model):
    """One row per worker process, renewed every few seconds; SQS carries no Celery events."""

    worker = models.CharField(max_length=120, primary_key=True)
    pool = models.CharField(max_length=40)
    permits = models.PositiveIntegerField()
    in_use = models.PositiveIntegerField()
    done = models.PositiveBigIntegerField()
    failed = models.PositiveBigIntegerField()
    last_poll_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    beat_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.worker} ({self.in_use}/{self.permits})"
