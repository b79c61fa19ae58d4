"""What both flows share: blocked pools, living workers, people, and what they did and got."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from mangaassist.language import Language
from mangaassist.metrics import histogram


class PoolState(models.Model):
    """One row per pool: whether it is blocked, why, and which item probes it.

    paused_at, paused_by: since when staff let nothing new be sent to it, and the user's name.
    """

    pool = models.CharField(max_length=40, primary_key=True)
    blocked_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=100, blank=True)
    message = models.TextField(blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    probe_item = models.BigIntegerField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    # Old processes go on writing rows without it.
    paused_by = models.CharField(max_length=150, blank=True, default="", db_default="")

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


class Profile(models.Model):
    """What a user prefers; who has none, or an empty language, gets what the browser accepts."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    language = models.CharField(
        max_length=2,
        blank=True,
        choices=[(Language.JA.value, "日本語"), (Language.EN.value, "English")],
    )

    def __str__(self) -> str:
        return f"{self.user} ({self.language or '-'})"


class IdempotentAnswer(models.Model):
    """One row per key that a client sent; without a status it is a claim, its request still runs.

    fingerprint: SHA-256 of the request, hexadecimal; body: the answer as JSON text, kept letter by
    letter; headers: those that belong to the answer itself.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return f"{self.key} ({self.status or 'running'})"


class AuditEntry(models.Model):
    """One change that somebody made: who, what, to which row, and what differs after it.

    user_name: stays when the user goes, empty for what a command or a keeper did; row: its key.
    """

    at = models.DateTimeField(db_default=Now(), db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    user_name = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)  # the row's model
    row = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "row", "id"], name="entries_of_row")]

    def __str__(self) -> str:
        return f"{self.user_name or '-'} {self.action} {self.kind} {self.row}"


class MetricSample(models.Model):
    """What one process measured of one metric and its dimensions between two flushes.

    dimensions: a JSON object as text, in the order of the definition; count, total, low, high: of
    the values; buckets: of a distribution, as `metrics.histogram` fills them.
    """

    name = models.CharField(max_length=60)
    dimensions = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(db_index=True)
    count = models.PositiveBigIntegerField()
    total = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    buckets = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["name", "at"], name="samples_of_metric")]

    def __str__(self) -> str:
        return f"{self.name}{{{self.dimensions}}} {self.total}/{self.count}"


class MetricTotal(models.Model):
    """What all processes have counted since the first start, for Prometheus."""

    name = models.CharField(max_length=60)
    dimensions = models.CharField(max_length=300, blank=True)
    count = models.PositiveBigIntegerField()
    total = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "dimensions"], name="one_total_per_metric")
        ]

    def __str__(self) -> str:
        return f"{self.name}{{{self.dimensions}}} {self.total}"


class HistoryPoint(models.Model):
    """What all processes measured of one metric and its dimensions in one stretch of time.

    size: seconds of the stretch; at: its begin; the rest as of a sample.
    """

    name = models.CharField(max_length=60)
    dimensions = models.CharField(max_length=300, blank=True)
    size = models.PositiveIntegerField()
    at = models.DateTimeField()
    count = models.PositiveBigIntegerField()
    total = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    buckets = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "dimensions", "size", "at"], name="one_point_per_stretch"
            )
        ]
        indexes = [models.Index(fields=["size", "at"], name="points_by_age")]

    def __str__(self) -> str:
        return f"{self.name}{{{self.dimensions}}} {self.size} s from {self.at}"

    @property
    def average(self) -> float:
        return self.total / self.count

    def percentile(self, percent: float) -> float:
        """Of a distribution. Raises ValueError for another metric."""
        return histogram.percentile(self.buckets or {}, percent)


class AlarmState(models.Model):
    """One row per alarm: what it says now. The values of `state` and `severity` sort worst first.

    value: of the newest window, also while all is well; watched_since: from when on it was
    evaluated without a gap. acknowledged_…: who works on it, and until when people are not told
    again; muted_…: who lets nobody be told of it at all, until when and why.
    """

    name = models.CharField(max_length=200, primary_key=True)
    kind = models.CharField(max_length=60)  # its name in alarms.yaml
    severity = models.CharField(max_length=10)
    state = models.CharField(max_length=20)
    since = models.DateTimeField()
    value = models.FloatField(null=True)
    evaluated_at = models.DateTimeField(null=True)
    watched_since = models.DateTimeField()
    # Old processes go on writing rows without what follows.
    acknowledged_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_until = models.DateTimeField(null=True)
    muted_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    muted_until = models.DateTimeField(null=True)
    muted_why = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        ordering = ["state", "severity", "name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class AlarmEvent(models.Model):
    """One change of an alarm.

    reason: why, in English; figures: the parameters of that sentence in any language; mailed_at,
    posted_at: when people were last told of it.
    """

    alarm = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)
    severity = models.CharField(max_length=10)
    before = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    at = models.DateTimeField(db_index=True)
    value = models.FloatField(null=True)
    threshold = models.FloatField()
    reason = models.TextField()
    figures = models.JSONField(default=dict, db_default={})
    cause = models.TextField(blank=True)
    mailed_at = models.DateTimeField(null=True)
    posted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["alarm", "id"], name="events_of_alarm")]

    def __str__(self) -> str:
        return f"{self.alarm} {self.before} → {self.state}"


class LetterOrder(models.Model):
    """What staff want done with dead letters; a keeper does it.

    ids: of the only messages that are meant, none for any; most: how many; rate: of them a minute;
    moving: ids of letters that are being moved, of which it is not known yet what became of them;
    taken_until: for how long a keeper has it; moved_at: when the last ones were taken or done;
    cause: why the last try failed.
    """

    class Action(models.TextChoices):
        REDRIVE = "redrive"  # back to the queue
        DELETE = "delete"

    action = models.CharField(max_length=10, choices=Action.choices)
    queue = models.CharField(max_length=80)
    dead_letters = models.CharField(max_length=80)
    ids = models.JSONField(default=list)
    most = models.PositiveIntegerField()
    rate = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    moving = models.JSONField(default=list, db_default=[])
    taken_until = models.DateTimeField(null=True)
    cause = models.TextField(blank=True)
    user_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.action} {self.dead_letters} {self.done}/{self.most}"
