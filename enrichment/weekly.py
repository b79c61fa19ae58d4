"""The weekly run: releases that staff mark now, and that a keeper starts in the low lane then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from enrichment import jobs
from enrichment.jobs import NotAdmitted, NothingToEnrich, Options
from enrichment.kinds import Kind
from enrichment.models import Job, Release, ScheduledRun, WeeklyMark
from enrichment.schedule import Weekly, due, expected
from enrichment.window import Lane
from mangaassist import audit
from mangaassist.language import Language
from mangaassist.messages import Texts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NAME = "weekly"
MOST_REFUSALS = 20  # after which the rest is not asked for before the next try
REASONS = {
    "full": Texts(
        "前回の週次実行は上限に達しました。次回に始まります。",
        "The last weekly run was full. It starts with the next one.",
    ),
    "backlog": Texts(
        "処理待ちが多いため、まだ始められません。自動でもう一度試します。",
        "Too many titles are waiting already. It is tried again by itself.",
    ),
    "nothing_to_enrich": Texts(
        "選んだ条件に当てはまる行がありません。予約を取り消してください。",
        "No row of the file is among the chosen changes. Take the mark away.",
    ),
    "unexpected": Texts(
        "エラーのため始められませんでした。自動でもう一度試します。原因は運用担当者がログで確認できます。",
        "It could not be started because of an error and is tried again by itself. "
        "Operations find the cause in the log.",
    ),
}

log = structlog.get_logger(__name__)


class AlreadyStarted(Exception):
    """The release has a job with these options."""

    TEXTS = Texts(
        "同じ条件のジョブがすでにあります（ジョブ {job}）。",
        "The release has a job with these options already: job {job}.",
    )

    def __init__(self, job: Job) -> None:
        super().__init__(self.TEXTS.text(Language.EN, {"job": job.pk}))
        self.job = job

    def text(self, language: str) -> str:
        """The reason as a sentence in `ja` or `en`."""
        return self.TEXTS.text(language, {"job": self.job.pk})


class Step(Enum):
    """What became of one mark."""

    STARTED = auto()
    WAITS = auto()  # is to be tried again in this run
    LEFT = auto()  # is done or gone, or nothing can be done
    FULL = auto()  # this one and all after it stay for the next run


def schedule() -> Weekly:
    weekday, at = settings.WEEKLY_RUN
    zone = ZoneInfo(settings.TIME_ZONE)
    return Weekly(weekday, at, zone, timedelta(hours=settings.WEEKLY_HOURS))


def next_run() -> datetime:
    """When that which is marked now will begin."""
    return schedule().next(timezone.now())


def next_run_of(mark: WeeklyMark) -> datetime:
    """When a marked release begins; a time in the past: as soon as there is room."""
    weekly, now = schedule(), timezone.now()
    first = weekly.next(mark.created_at)
    ended = ScheduledRun.objects.filter(name=NAME, slot=first, ended_at__isnull=False)
    return expected(weekly, mark.created_at, now, first <= now and ended.exists())


def text_of(mark: WeeklyMark, language: str) -> str:
    """Why the last run did not start it, as a sentence in `ja` or `en`; empty without a reason."""
    return REASONS[mark.reason].text(language, {}) if mark.reason else ""


def mark(release: Release, options: Options, user: User | None) -> WeeklyMark:
    """Lets a release wait for the weekly run, or changes what shall be written then.

    Raises NotReady, NothingToEnrich and AlreadyStarted.
    """
    job = jobs.planned(release, options)
    if not job.total:
        raise NothingToEnrich(release)
    if existing := jobs.same(job):
        raise AlreadyStarted(existing)
    wish = {"kinds": job.kinds, "languages": job.languages, "changes": job.changes}
    with transaction.atomic():
        earlier = _wish(WeeklyMark.objects.filter(release=release).first())
        marked, _ = WeeklyMark.objects.update_or_create(
            release=release,
            defaults=wish | {"budget": job.budget, "created_by": user, "reason": ""},
        )
        audit.record(user, "mark", release, before=earlier, after=_wish(marked))
    log.info("release_marked", release=release.pk, user=user and user.pk, **wish)
    return marked


def unmark(release: Release, user: User | None) -> bool:
    """Takes a mark away. False when there was none, or the run was quicker."""
    with transaction.atomic():
        marks = WeeklyMark.objects.select_for_update().filter(release=release)
        earlier = _wish(marks.first())
        taken, _ = marks.delete()
        if taken:
            audit.record(user, "unmark", release, before=earlier)
    if taken:
        log.info("release_unmarked", release=release.pk, user=user and user.pk)
    return bool(taken)


def run(clock: Callable[[], datetime] = timezone.now) -> int:
    """Keeper duty: starts what is marked when it is time; returns how many jobs it started.

    A slot is a row of its own, and so is a mark: however many keepers begin it, and however often
    they die in the middle, each release is started once.
    """
    now = clock()
    known = ScheduledRun.objects.filter(name=NAME).order_by("-slot").first()
    plan = due(schedule(), now, known.slot if known else None)
    for slot in plan.missed:
        late = {"missed": True, "ended_at": now}
        if ScheduledRun.objects.get_or_create(name=NAME, slot=slot, defaults=late)[1]:
            log.error("scheduled_run_missed", name=NAME, slot=slot.isoformat())
    if plan.slot:
        ScheduledRun.objects.get_or_create(name=NAME, slot=plan.slot)
    unended = ScheduledRun.objects.filter(name=NAME, ended_at=None)
    return sum(_go_on(one, now) for one in unended)


def _go_on(run: ScheduledRun, now: datetime) -> int:
    """Tries all that is left of a run once. Returns how many jobs it started."""
    marks = WeeklyMark.objects.filter(created_at__lte=run.slot).order_by("created_at", "pk")
    late = schedule().too_late(run.slot, now)
    waiting = [] if late else list(marks.values_list("pk", flat=True))
    steps: list[Step] = []
    for place, pk in enumerate(waiting):
        steps.append(_try(run, pk))
        if steps[-1] == Step.FULL:
            marks.filter(pk__in=waiting[place:]).update(reason="full")
        if steps[-1] == Step.FULL or steps.count(Step.WAITS) == MOST_REFUSALS:
            break
    if Step.WAITS not in steps:
        _end(run, left=marks.count())
    return steps.count(Step.STARTED)


def _try(run: ScheduledRun, mark_pk: int) -> Step:
    """One mark for itself, so that its failure neither loses it nor stops the others."""
    marks = WeeklyMark.objects.filter(pk=mark_pk)
    try:
        return _start(run, mark_pk)
    except NothingToEnrich:
        marks.update(reason="nothing_to_enrich")
        return Step.LEFT
    except NotAdmitted as error:
        marks.update(reason=error.verdict.reason)
        return Step.WAITS
    except Exception:
        log.exception("marked_release_not_started", run=run.pk, mark=mark_pk)
        marks.update(reason="unexpected")
        return Step.WAITS


@transaction.atomic
def _start(run: ScheduledRun, mark_pk: int) -> Step:
    """Starts the job of a mark and takes the mark away, unless the run has all its titles."""
    locked = ScheduledRun.objects.select_for_update().get(pk=run.pk)
    marks = WeeklyMark.objects.select_for_update().filter(pk=mark_pk)
    marked = marks.first()
    if marked is None or locked.ended_at is not None:
        return Step.LEFT  # Another keeper was quicker, or staff took the mark away.
    options = options_of(marked)
    titles = jobs.planned(marked.release, options).total
    begun = locked.jobs.aggregate(titles=Sum("total"))["titles"] or 0
    # The first is taken whatever its size: else a large release would wait for ever.
    if begun and begun + titles > settings.WEEKLY_TITLES:
        return Step.FULL
    # Nobody waits for an answer, so that it does not matter whether workers are alive just now.
    _, new = jobs.start(
        marked.release, options, marked.created_by, lane=Lane.LOW, run=locked, unattended=False
    )
    marked.delete()
    return Step.STARTED if new else Step.LEFT


def options_of(mark: WeeklyMark) -> Options:
    return Options(
        [Kind(kind) for kind in mark.kinds],
        [Language(language) for language in mark.languages],
        mark.changes,
        mark.budget,
    )


def _wish(mark: WeeklyMark | None) -> dict[str, Any] | None:
    """What an audit entry says of a mark; None when there is none."""
    if mark is None:
        return None
    budget = {} if mark.budget is None else {"budget": str(mark.budget)}
    return {"kinds": mark.kinds, "languages": mark.languages, "changes": mark.changes, **budget}


def _end(run: ScheduledRun, left: int) -> None:
    unended = ScheduledRun.objects.filter(pk=run.pk, ended_at=None)
    if unended.update(ended_at=timezone.now()):
        done = run.jobs.aggregate(titles=Sum("total"))["titles"] or 0
        say = log.warning if left else log.info
        say(
            "scheduled_run_ended", run=run.pk, slot=run.slot.isoformat(),
            jobs=run.jobs.count(), titles=done, left=left,
        )  # fmt: skip
