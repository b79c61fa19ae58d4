"""What admission looks at, measured now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from enrichment.admission import LONGEST_WAIT, Allowance, Load, Verdict, decide
from enrichment.models import Item, Job
from enrichment.pace import pace
from enrichment.states import OPEN, State
from mangaassist import presence
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def verdict(titles: int, user: User | None, *, unattended: bool) -> Verdict:
    """What becomes of a job of so many titles now.

    user: None for the command line, which has no allowance; unattended: whether a job that nobody
    would work on is refused.
    """
    allowance = Allowance(settings.TITLES_PER_MINUTE, settings.TITLES_AT_ONCE)
    stopped, cause = stopped_by() if unattended else ("", "")
    load = Load(
        pending=waiting(),
        rate=pace().rate,
        level=None if user is None else allowance.level(_begun(user)),
        stopped=stopped,
        cause=cause,
    )
    return decide(titles, load, allowance)


def one_at_a_time(user: User) -> None:
    """Lets other jobs of the same user wait for the end of the transaction.

    Judged at the same time, none would count the others.
    """
    get_user_model().objects.select_for_update().get(pk=user.pk)


def waiting() -> int:
    """Items that somebody will work on; those of a paused job wait for staff."""
    paused = Item.objects.filter(state=State.PENDING, job__state=Job.State.PAUSED)
    return Item.objects.filter(state__in=OPEN).count() - paused.count()


def stopped_by() -> tuple[str, str]:
    """Why nothing consumes, as a key of `admission.REASONS`, and its cause; both may be empty."""
    blocked = PoolState.objects.filter(pool=ENRICHMENT.name, blocked_at__isnull=False).first()
    if blocked is not None:
        return "pool_blocked", f"{blocked.code}: {blocked.message}"
    if not presence.permits(ENRICHMENT.name):
        return "no_workers", ""
    if not presence.a_keeper_lives():
        return "no_keeper", ""
    return "", ""


def _begun(user: User) -> list[tuple[float, int]]:
    """(seconds ago, titles) of the jobs that a user began lately, oldest first.

    Jobs of scheduled runs do not count.
    """
    now = timezone.now()
    jobs = Job.objects.filter(created_by=user, run=None, created_at__gt=now - LONGEST_WAIT)
    rows = jobs.order_by("created_at").values_list("created_at", "total")
    return [((now - created).total_seconds(), total) for created, total in rows]
