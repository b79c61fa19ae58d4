"""Releases, titles, jobs and items. Items change state through the store, never by save()."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from enrichment import failed_delivery, findings, ledger, sample  # noqa: F401  # Django's models
from enrichment.changes import Change as Change
from enrichment.changes import usual_changes
from enrichment.outbox import Unindexed as Unindexed
from enrichment.states import OUTSTANDING, State
from enrichment.uploads import messages
from enrichment.window import Lane
from mangaassist import language


class TitleDetails(models.Model):
    """What a release says of a title, besides its id.

    None: nothing, so that what is known stays; empty: that the title has none.
    """

    title_jp = models.CharField(max_length=300)
    title_kana = models.CharField(max_length=2_000, null=True, blank=True)  # noqa: DJ001
    creator = models.CharField(max_length=2_000, null=True, blank=True)  # noqa: DJ001
    original_creator = models.CharField(max_length=2_000, null=True, blank=True)  # noqa: DJ001
    first_published = models.CharField(max_length=10, null=True, blank=True)  # noqa: DJ001
    note = models.CharField(max_length=2_000, null=True, blank=True)  # noqa: DJ001
    volumes = models.CharField(max_length=4, null=True, blank=True)  # noqa: DJ001
    price = models.CharField(max_length=7, null=True, blank=True)  # noqa: DJ001  # yen with tax
    availability = models.CharField(max_length=12, null=True, blank=True)  # noqa: DJ001

    class Meta:
        abstract = True


DETAILS = tuple(field.name for field in TitleDetails._meta.local_fields)


class Title(TitleDetails):
    """One manga, as the newest release describes it."""

    id = models.CharField(max_length=64, primary_key=True)  # the catalogue's mangaId
    described_by = models.BigIntegerField(default=0)  # the release, so that no older one does again

    def __str__(self) -> str:
        return f"{self.title_jp} ({self.id})"

    def attributes(self) -> dict[str, str]:
        """What is said of the title, as the catalogue names it; empty: it has none."""
        values = {
            "titleJp": self.title_jp,
            "titleKana": self.title_kana,
            "creator": self.creator,
            "originalCreator": self.original_creator,
            "firstPublished": self.first_published,
            "note": self.note,
            "volumes": self.volumes,
            "price": self.price,
            "availability": self.availability,
        }
        return {name: value for name, value in values.items() if value is not None}


class Release(models.Model):
    """An uploaded file of titles: received whole, then staged row by row."""

    class State(models.TextChoices):
        RECEIVED = "received"  # waits for a maintenance worker
        STAGING = "staging"  # is being read
        READY = "ready"  # its rows can be looked at and enriched
        REFUSED = "refused"  # the file as a whole cannot be taken

    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    fingerprint = models.CharField(max_length=64)  # of the bytes, the user and how to read them
    mapping = models.JSONField(default=dict, blank=True)  # column → header, as the user wishes
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    code = models.CharField(max_length=40, blank=True)  # why it was refused
    parameters = models.JSONField(default=dict, blank=True)
    format = models.CharField(max_length=8, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    sheet = models.CharField(max_length=255, blank=True)
    columns = models.JSONField(default=dict, blank=True)  # column → header, as found
    ignored_columns = models.JSONField(default=list, blank=True)
    good_rows = models.PositiveIntegerField(default=0)
    warned_rows = models.PositiveIntegerField(default=0, db_default=0)  # good, without a value
    bad_rows = models.PositiveIntegerField(default=0)
    delivery = models.PositiveIntegerField(default=0)  # grows with every send
    crashes = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)  # nobody else reads it until then
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=~Q(state="refused"),
                name="one_release_per_file_and_user",
            )
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                name="release_to_stage",
                condition=Q(state__in=["received", "staging"]),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reason(self) -> str:
        """Why it was refused and what to do, in the reader's language; empty otherwise."""
        return self.text(language.current()) if self.code else ""

    def text(self, language: str) -> str:
        """Why it was refused and what to do. Raises KeyError when it was not."""
        return messages.text(self.code, language, self.parameters)


class ReleasePart(models.Model):
    """A piece of an uploaded file, kept until its rows are staged."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="one_part_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.release_id}:{self.number}"


class ReleaseRow(TitleDetails):
    """A good line of a release."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    title_id = models.CharField(max_length=64)  # the title need not be there yet
    change = models.CharField(max_length=10, choices=Change.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="one_title_per_row")
        ]

    def __str__(self) -> str:
        return f"{self.release_id}:{self.number}"

    def title(self, known: Title | None) -> Title:
        """The title as this row describes it, not saved. known: as it is, if it is there."""
        said = {name: getattr(self, name) for name in DETAILS}
        if known is not None:
            said |= {name: getattr(known, name) for name in DETAILS if said[name] is None}
        return Title(id=self.title_id, **said)


class RowError(models.Model):
    """What is wrong with a line of a release; taken: the line is, without that value."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="errors", db_index=False)
    number = models.PositiveIntegerField()
    field = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    taken = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["release", "number"], name="error_of_row")]

    def __str__(self) -> str:
        return f"{self.number} {self.field}: {self.code}"

    @property
    def reason(self) -> str:
        """The same in the reader's language."""
        return self.text(language.current())

    def text(self, language: str) -> str:
        """What is wrong and what to do; columns have the file's names."""
        column = self.release.columns.get(self.field, self.field)
        return messages.row_text(self.code, language, self.parameters, column, self.taken)


class WeeklyMark(models.Model):
    """A release that waits for the weekly run, and what shall be written then."""

    release = models.OneToOneField(Release, models.CASCADE, related_name="weekly")
    kinds = models.JSONField()
    languages = models.JSONField()
    changes = models.JSONField()
    budget = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)  # USD
    reason = models.CharField(max_length=40, blank=True)  # why the last run did not start it
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    def __str__(self) -> str:
        return str(self.release_id)


class ScheduledRun(models.Model):
    """One slot of a schedule; however many keepers wake up for it, there is one row."""

    name = models.CharField(max_length=20)
    slot = models.DateTimeField()
    missed = models.BooleanField(default=False)  # no keeper lived, and it is too late
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # nothing of it is left to do

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="one_run_per_slot")]

    def __str__(self) -> str:
        return f"{self.name} {timezone.localtime(self.slot):%Y-%m-%d %H:%M}"


class Job(models.Model):
    """The enrichment of one release with chosen kinds and languages."""

    class State(models.TextChoices):
        OPEN = "open"  # has items to do
        PAUSED = "paused"  # has items to do, and none is sent
        DONE = "done"  # every item is done
        FAILED = "failed"  # ended with items that are not done
        CANCELLED = "cancelled"  # staff withdrew what had not run

    release = models.ForeignKey(Release, models.PROTECT, related_name="jobs")
    run = models.ForeignKey(
        ScheduledRun, models.SET_NULL, related_name="jobs", null=True, blank=True
    )  # that started it
    kinds = models.JSONField()
    languages = models.JSONField()
    changes = models.JSONField(default=usual_changes)  # of which rows it writes texts
    model = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    # While a deploy migrates, processes of the old version go on writing jobs without a lane.
    lane = models.CharField(
        max_length=6, choices=Lane.choices, default=Lane.NORMAL, db_default=Lane.NORMAL
    )
    weight = models.PositiveSmallIntegerField(default=1)  # share of its lane beside other jobs
    total = models.PositiveIntegerField(default=0)
    budget = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)  # USD
    held = models.BooleanField(default=False, db_default=False)  # paused, for its budget is used up
    counts = models.JSONField(null=True, blank=True)  # items by state, frozen when the job ends
    cost = models.DecimalField(max_digits=14, decimal_places=6, null=True)  # USD, frozen likewise
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"],
                condition=~Q(state="cancelled"),
                name="one_job_per_file_and_options",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.release_id}"


class Item(models.Model):
    """One title in one job: one Bedrock call that returns every requested kind."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="items", db_index=False)
    title = models.ForeignKey(Title, models.PROTECT, db_index=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    delivery = models.PositiveIntegerField(default=0)  # grows with every send
    tries = models.PositiveSmallIntegerField(default=0)  # failures counted against the limit
    snoozes = models.PositiveIntegerField(default=0)
    crashes = models.PositiveSmallIntegerField(default=0)  # leases that ran out while running
    not_before = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(null=True, blank=True)  # when the dispatcher took it
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    offer_only = models.BooleanField(default=False, db_default=False)  # no text, no call
    # Of the last delivery and its last call; old processes go on writing items without them.
    message_id = models.CharField(max_length=100, blank=True, default="", db_default="")  # in SQS
    receives = models.PositiveIntegerField(default=0, db_default=0)  # of that message
    request_id = models.CharField(
        max_length=100, blank=True, default="", db_default=""
    )  # in Bedrock
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=100, blank=True)  # the last failure
    message = models.TextField(blank=True)
    draft = models.JSONField(null=True, blank=True)  # an answer paid for but not yet written
    calls = models.PositiveSmallIntegerField(default=0)  # Bedrock calls
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, default=0)  # USD

    class Meta:
        # Every index costs each transition, so there are few, and none has the lease's time.
        constraints = [models.UniqueConstraint(fields=["title", "job"], name="one_item_per_title")]
        indexes = [
            models.Index(fields=["job", "state", "id"], name="item_by_state"),
            models.Index(fields=["job", "id"], name="item_of_job"),
            models.Index(
                fields=["job", "id"], name="item_pending", condition=Q(state=State.PENDING)
            ),
            models.Index(
                fields=["id"],
                name="item_outstanding",
                condition=Q(state__in=sorted(OUTSTANDING)),
            ),
            models.Index(
                fields=["job", "state", "code", "id"], name="item_cause", condition=~Q(code="")
            ),
            models.Index(
                fields=["ended_at"], name="item_ended", condition=Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.title_id}"
