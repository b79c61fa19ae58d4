"""Why a job or a release does not get further, and what to do; nothing waits silently."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from enrichment import budget
from enrichment.models import Item, Job, Release
from enrichment.states import OPEN, OUTSTANDING, State
from mangaassist import presence
from mangaassist.language import Language
from mangaassist.messages import Parameter, Texts
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT, MAINTENANCE

PATIENCE = timedelta(seconds=10)  # that a keeper may need to hand over what is new

Obstacle = tuple[Texts, dict[str, Parameter]]

NOT_CLOSED = Texts(
    "すべての作品が終わりましたが、ジョブを閉じる keeper が動いていません。"
    "manage.py keeper を起動してください。",
    "Every item has ended, but nobody closes the job. Start a keeper: manage.py keeper",
)
PAUSED = Texts(
    "ジョブは一時停止中です。再開してください。",
    "The job is paused. Resume it.",
)
HELD = Texts(
    "予算${budget}のうち${spent}を使い、残りでは次の作品に足りないため、自動で一時停止しました。"
    "続けるには予算を増やしてください。",
    "The job has spent ${spent} of its budget of ${budget}, and the rest is not enough for another "
    "title, so it has paused itself. Raise the budget to let it go on.",
)
BLOCKED = Texts(
    "{pool} プールが停止しています。{code}: {message}",
    "The {pool} pool is blocked, {code}: {message}",
)
POOL_PAUSED = Texts(
    "{user}さんが{pool}プールへの送信を停止しています。ダッシュボードのキューで再開してください。",
    "{user} lets nothing be sent to the {pool} pool. Resume it on the dashboard, under Queues.",
)
NO_WORKER = Texts(
    "動いているワーカーがありません。manage.py worker {pool} を起動してください。",
    "No worker is alive. Start one: manage.py worker {pool}",
)
NOT_SENT = Texts(
    "送るべき作品がありますが、送る keeper が動いていません。manage.py keeper を起動してください。",
    "Items are due, but nobody sends them. Start a keeper: manage.py keeper",
)
NOT_ASKED = Texts(
    "読み込みを割り当てる keeper が動いていません。manage.py keeper を起動してください。",
    "Nobody hands the file to a worker. Start a keeper: manage.py keeper",
)


def obstacles(job: Job, language: str = Language.EN) -> list[str]:
    """Why the items of an open job do not move, one sentence each."""
    return [texts.text(language, parameters) for texts, parameters in _of_job(job)]


def reading_obstacles(release: Release, language: str = Language.EN) -> list[str]:
    """Why a release is not read yet, one sentence each; none once it is."""
    return [texts.text(language, parameters) for texts, parameters in _of_release(release)]


def _of_job(job: Job) -> list[Obstacle]:
    if not job.items.filter(state__in=OPEN).exists():
        return [(NOT_CLOSED, {})]
    if job.held:
        return [(HELD, {"budget": f"{job.budget:.2f}", "spent": f"{budget.spent(job.pk):.4f}"})]
    if job.state == Job.State.PAUSED:
        return [(PAUSED, {})]
    found: list[Obstacle] = []
    pool = PoolState.objects.filter(pool=ENRICHMENT.name).first()
    if pool is not None and pool.blocked_at is not None:
        reason = {"pool": pool.pool, "code": pool.code, "message": pool.message}
        found.append((BLOCKED, dict(reason)))
    if pool is not None and pool.paused_at is not None:
        found.append((POOL_PAUSED, {"user": pool.paused_by, "pool": pool.pool}))
    if not presence.permits(ENRICHMENT.name):
        found.append((NO_WORKER, {"pool": ENRICHMENT.name}))
    if not found and _unsent(job):
        found.append((NOT_SENT, {}))
    return found


def _of_release(release: Release) -> list[Obstacle]:
    if release.state not in (Release.State.RECEIVED, Release.State.STAGING):
        return []
    pool = PoolState.objects.filter(pool=MAINTENANCE.name, paused_at__isnull=False).first()
    if pool is not None:
        return [(POOL_PAUSED, {"user": pool.paused_by, "pool": pool.pool})]
    if not presence.permits(MAINTENANCE.name):
        return [(NO_WORKER, {"pool": MAINTENANCE.name})]
    overdue = Q(lease_until=None, created_at__lt=Now() - PATIENCE)
    overdue |= Q(lease_until__lt=Now() - PATIENCE)
    return [(NOT_ASKED, {})] if Release.objects.filter(overdue, pk=release.pk).exists() else []


def _unsent(job: Job) -> bool:
    due = Q(not_before=None) | Q(not_before__lte=Now())
    new = Job.objects.filter(pk=job.pk, created_at__gt=Now() - PATIENCE)
    return (
        job.items.filter(due, state=State.PENDING).exists()
        and not new.exists()
        and not Item.objects.filter(state__in=OUTSTANDING).exists()
    )
