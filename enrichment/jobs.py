"""What people do with jobs: start, pause, resume, cancel, retry, repair, move.

Each is one transaction, with its entry in the audit trail. user: who does it, None for a command
or a keeper.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction

from enrichment import load
from enrichment.admission import Verdict
from enrichment.changes import usual_changes
from enrichment.database import STORE
from enrichment.effects import Action, possible
from enrichment.kinds import Kind
from enrichment.models import (
    Item,
    Job,
    Release,
    ScheduledRun,
    Unindexed,
    WeeklyMark,
)
from enrichment.selection import (
    add_items,
    describe_titles,
    found_changes,
    note_changes,
    offers,
    selected,
)
from enrichment.states import OPEN
from enrichment.window import Lane
from mangaassist import audit
from mangaassist.language import Language
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT

if TYPE_CHECKING:
    from django.contrib.auth.models import User

UNTOLD = dict.fromkeys(("mailed_at", "posted_at"))  # nobody has heard of the job's stop

log = structlog.get_logger(__name__)


class NotReady(Exception):
    """The release is still being read, or was refused."""


class NothingToEnrich(Exception):
    """No row of the release is good, or none of the chosen ones."""

    def __init__(self, release: Release) -> None:
        super().__init__(f"Release {release.pk} has nothing to enrich.")
        self.good_rows, self.bad_rows = release.good_rows, release.bad_rows

    def text(self, language: str) -> str:
        """The reason as a sentence in `ja` or `en`."""
        japanese = language == Language.JA
        if self.good_rows:
            return (
                "選んだ条件に当てはまる行がありません。作成済みの作品も書き直すには"
                "「変更なし」を選んでください。"
                if japanese
                else "No row of the file is among the chosen changes. Choose others: unchanged "
                "ones to write anew what is written already."
            )
        if japanese:
            return f"登録できる行がありません（{self.bad_rows} 行すべてに誤りがあります）。"
        return f"No row of the file can be taken: all {self.bad_rows} have errors."


class NotAdmitted(Exception):
    """The job is not taken now."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.text(Language.EN))
        self.verdict = verdict

    def text(self, language: str) -> str:
        """The reason as a sentence in `ja` or `en`."""
        return self.verdict.text(language)


@dataclass(frozen=True)
class Options:
    """What to write, in which languages, about which rows of a release, and for how much at most.

    A job takes rows that change the offer alone in any case; without a wish for texts of them it
    writes none. budget: USD; it makes no other job.
    """

    kinds: Sequence[Kind] = (Kind.SYNOPSIS, Kind.TAGS)
    languages: Sequence[Language] = (Language.JA,)
    changes: Sequence[str] = field(default_factory=usual_changes)
    budget: Decimal | None = None


def start(
    release: Release,
    options: Options,
    user: User | None = None,
    *,
    lane: Lane = Lane.NORMAL,
    run: ScheduledRun | None = None,
    unattended: bool = True,
) -> tuple[Job, bool]:
    """The job for a release with these options, and whether it is new.

    The same release with the same options is the same job, however often and at once one asks.
    A job that is there keeps its lane and budget. run: the scheduled run that starts it, which
    takes nothing of the user's allowance; unattended: refuse a job that nobody would work on now.
    Raises NotReady, NothingToEnrich, and NotAdmitted for a new job that admission refuses.
    """
    job = planned(release, options)
    job.created_by, job.lane, job.run = user, lane, run
    try:
        with transaction.atomic():
            if existing := same(job):
                return existing, False
            _admit(job, unattended)
            audit.record(user, "start", job, after=_facts(job))
    except IntegrityError:  # Somebody else started it meanwhile.
        existing = same(job)
        if existing is None:
            raise
        return existing, False
    log.info("job_started", job=job.pk, release=release.pk, total=job.total)
    return job, True


def planned(release: Release, options: Options) -> Job:
    """The job of a release with these options, not saved. Raises NotReady."""
    if release.state != Release.State.READY:
        raise NotReady
    options = replace(options, changes=found_changes(release, options.changes))
    return Job(
        release=release, kinds=sorted(options.kinds), languages=sorted(options.languages),
        changes=sorted(options.changes), model=settings.ENRICHMENT_MODEL, budget=options.budget,
        total=selected(release, options.changes).count() + offers(release, options.changes).count(),
        fingerprint=_fingerprint(release, options),
    )  # fmt: skip


def same(job: Job) -> Job | None:
    """The job that is there with the release and options of a planned one."""
    jobs = Job.objects.exclude(state=Job.State.CANCELLED).filter(fingerprint=job.fingerprint)
    return jobs.first()


def pause(job_id: int, user: User | None = None) -> int:
    """Sends nothing more of an open job; running items finish. Returns how many it took back."""
    with transaction.atomic():
        _stop_dispatching()
        job = Job.objects.select_for_update().get(pk=job_id)
        if Action.PAUSE not in possible(job):
            return 0
        recalled = STORE.recall(job_id)
        enter(user, "pause", job, {"state": Job.State.PAUSED}, {"recalled": recalled})
    log.info("job_paused", job=job_id, recalled=recalled)
    return recalled


def resume(job_id: int, user: User | None = None) -> bool:
    """Lets a paused job go on. False when it was not paused."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if Action.RESUME not in possible(job):
            return False
        enter(user, "resume", job, {"state": Job.State.OPEN}, {})
    log.info("job_resumed", job=job_id)
    return True


def cancel(job_id: int, user: User | None = None) -> int:
    """Withdraws what no worker has yet; running items finish. Returns how many it withdrew."""
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if Action.CANCEL not in possible(job) or not job.items.filter(state__in=OPEN).exists():
            return 0
        withdrawn = STORE.cancel(job_id)
        enter(user, "cancel", job, {"state": Job.State.CANCELLED}, {"withdrawn": withdrawn})
    log.info("job_cancelled", job=job_id, withdrawn=withdrawn)
    return withdrawn


def retry(
    job_id: int, items: Sequence[int] | None = None, code: str = "", user: User | None = None
) -> int:
    """Gives failed, refused and quarantined items fresh tries. Returns how many.

    items: only these; code: only those that failed with it.
    A paused job stays paused, a cancelled one stays as it is.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if Action.RETRY not in possible(job):
            return 0
        returned = STORE.retry(job_id, items, code)
        if returned:
            named = {"code": code} if code else {}
            enter(user, "retry", job, _reopened(job), {"returned": returned, **named})
    log.info("job_retried", job=job_id, items=returned)
    return returned


def repair(
    job_id: int, written: Collection[int], missing: Collection[int], user: User | None = None
) -> int:
    """Takes over what the catalogue says of items. Returns how many changed their state.

    written: not done, though the catalogue holds their results; missing: done, and it does not.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.state == Job.State.CANCELLED:
            return 0
        touched = {"adopted": STORE.adopt(written), "begun_anew": STORE.redo(missing)}
        if any(touched.values()):
            titles = Item.objects.filter(pk__in=written).values_list("title", flat=True)
            Unindexed.objects.bulk_create(Unindexed(title_id=title) for title in titles)
            enter(user, "repair", job, _reopened(job), touched)
    log.info("job_repaired", job=job_id, **touched)
    return sum(touched.values())


def move(job_id: int, lane: Lane, user: User | None = None) -> int:
    """Puts a job into another lane. Returns how many queued items it took back to wait there.

    On the way to the normal lane none comes back: they are ahead of others already.
    """
    with transaction.atomic():
        _stop_dispatching()
        job = Job.objects.select_for_update().get(pk=job_id)
        if job.lane == lane or job.ended_at is not None:
            return 0
        recalled = STORE.recall(job_id) if lane == Lane.LOW else 0
        enter(user, "move", job, {"lane": lane}, {"recalled": recalled})
    log.info("job_moved", job=job_id, lane=lane.value, recalled=recalled)
    return recalled


def _admit(job: Job, unattended: bool) -> None:
    """Saves a planned job with its titles and items, if it is taken now."""
    if not job.total:
        raise NothingToEnrich(job.release)
    user = None if job.run else job.created_by
    if user is not None:
        load.one_at_a_time(user)
    verdict = load.verdict(job.total, user, unattended=unattended)
    if not verdict.accepted:
        raise NotAdmitted(verdict)
    # What runs now need not wait for the weekly run, which takes mark and job in the same order:
    # else the two could wait for each other.
    WeeklyMark.objects.filter(
        release=job.release, kinds=job.kinds, languages=job.languages, changes=job.changes
    ).delete()
    job.save()
    describe_titles(job)
    note_changes(job)
    add_items(job)


def enter(
    user: User | None, action: str, job: Job, changes: dict[str, Any], touched: dict[str, Any]
) -> None:
    """Saves a job's changes and records them. touched: what became of its items."""
    before = _facts(job)
    for name, value in changes.items():
        setattr(job, name, value)
    job.save(update_fields=list(changes))
    audit.record(user, action, job, before=before, after=_facts(job) | touched)


def _reopened(job: Job) -> dict[str, Any]:
    """The changes that let a job go on, or be counted again if nothing is left to do."""
    if job.state == Job.State.PAUSED:
        return {}
    return {"state": Job.State.OPEN, **dict.fromkeys(("ended_at", "counts", "cost")), **UNTOLD}


def _facts(job: Job) -> dict[str, Any]:
    budget = {} if job.budget is None else {"budget": str(job.budget)}
    return {"state": job.state, "lane": job.lane, "total": job.total, **budget}


def _stop_dispatching() -> None:
    """Holds the lock that a dispatcher takes, so that none is in the middle of sending this job."""
    PoolState.objects.select_for_update().get_or_create(pool=ENRICHMENT.name)


def _fingerprint(release: Release, options: Options) -> str:
    parts = [
        release.pk,
        sorted(options.kinds),
        sorted(options.languages),
        sorted(options.changes),
        settings.ENRICHMENT_MODEL,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
