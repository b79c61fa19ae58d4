"""The page of the queues: live cards, a question to the capacity model, and a switch."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard import queue_texts
from dashboard.access import actor, looking, operates, operating
from dashboard.forecast import suppose
from dashboard.forms import number
from dashboard.past import SPANS
from dashboard.pause_texts import GOES_ON, NEVER, STOPS
from dashboard.queue_page import told
from dashboard.queue_past import lines
from dashboard.queue_texts import BINDS
from dashboard.shell import language_of
from dashboard.texts import in_
from dashboard.views import live_page
from enrichment.database import STORE
from mangaassist import pausing, presence
from mangaassist.language import Language
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT, POOLS, WORKER_POOLS, WorkerPool
from mangaassist.scaling import measures
from mangaassist.scaling.plan import Quiet, Size, decide

MOST_MORE = 100


@staff_member_required
@looking
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The cards; `?pool=enrichment&more=2` says what two more workers would do, and `?span=week`
    shows the pool's last week."""
    language = language_of(request)
    pool = WORKER_POOLS.get(request.GET.get("pool", ""), ENRICHMENT)
    more = number(request.GET, "more", 0, lowest=0, highest=MOST_MORE)
    span = request.GET.get("span", "")
    span = span if span in SPANS else "day"
    own = {name: in_(language, text) for name, text in queue_texts.WORDS.items()}
    return live_page(
        request, "dashboard/queues_page.html", "queues",
        own=own, pools=list(WORKER_POOLS), pool=pool.name, more=more,
        supposed=_supposed(pool, more, language) if "more" in request.GET else [],
        switches=_switches(language), may_act=operates(request),
        spans=[(name, in_(language, span.name)) for name, span in SPANS.items()], span=span,
        past=list(lines(pool, SPANS[span], timezone.now(), own)),
    )  # fmt: skip


@staff_member_required
@operating
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    """Lets nothing new be sent to a pool, or again."""
    pool = request.POST.get("pool", ENRICHMENT.name)
    if pool not in pausing.PAUSABLE:
        raise Http404(pool)
    change = pausing.pause if request.POST.get("do") == "pause" else pausing.resume
    change(pool, actor(request))
    return HttpResponseRedirect(f"{reverse('dashboard:queues')}#pause")


def _switches(language: Language) -> list[dict[str, str]]:
    """Each pool: what a pause stops and what goes on, who has paused it, or why nobody can."""
    paused = dict(
        PoolState.objects.filter(paused_at__isnull=False).values_list("pool", "paused_by")
    )
    outstanding = {"outstanding": sum(STORE.outstanding().values())}
    now = queue_texts.WORDS["paused_now"]
    return [
        {
            "pool": pool,
            "stops": in_(language, STOPS[pool]) if pool in STOPS else "",
            "goes_on": GOES_ON[pool].text(language, outstanding) if pool in GOES_ON else "",
            "never": in_(language, NEVER[pool]) if pool in NEVER else "",
            "paused": now.text(language, {"user": paused[pool]}) if pool in paused else "",
        }
        for pool in POOLS
    ]


def _supposed(pool: WorkerPool, more: int, language: Language) -> list[str]:
    """What the capacity model says, in sentences."""
    size = Size(pool, min(settings.WORKER_SLOTS, pool.slots), 1, pool.slots)
    load = measures.load(pool)
    found = None if load is None else suppose(load, size, presence.permits(pool.name), more)
    if load is None or found is None:
        return [queue_texts.WORDS["not_supposed"].text(language, {"pool": pool.name})]
    values: dict[str, Any] = {
        "pool": pool.name,
        "more": more,
        "living": load.living,
        "rate": f"{found.rate:,.0f}",
        "binds": in_(language, BINDS[found.binds]),
        "ahead": told(found.forecast, timezone.now(), language),
    }
    sentences = [queue_texts.WORDS["supposed"].text(language, values)]
    wanted = decide(size, load, load.living, Quiet(float("inf"), float("inf"))).wanted
    return [*sentences, queue_texts.WORDS["advice"].text(language, {"workers": wanted})]
