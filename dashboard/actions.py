"""Actions on a job: first what they would touch, then, once, the change itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from dashboard.access import actor, entering, may_act
from dashboard.action_texts import ACTION_WORDS, ACTIONS
from dashboard.forms import once, plain
from dashboard.shell import language_of, show
from dashboard.texts import in_, words
from enrichment import budget, jobs
from enrichment.api.queries import KEY
from enrichment.effects import Action, Effect, effect
from enrichment.models import Job
from enrichment.progress import progress
from mangaassist.api.idempotency import first_time
from mangaassist.language import Language

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST_CODE = 100


@dataclass(frozen=True)
class Wish:
    """What a form asks for. item, code: only that item, or those that failed for this cause;
    budget: USD, of a change of it."""

    action: Action
    item: int | None
    code: str
    budget: Decimal | None

    @property
    def items(self) -> list[int] | None:
        return None if self.item is None else [self.item]

    def effect(self, job: Job) -> Effect:
        return effect(job, self.action, self.items, self.code)

    def carry_out(self, job: int, user: User) -> int:
        """Returns how many items it touched."""
        if self.action is Action.RETRY:
            return jobs.retry(job, self.items, self.code, user)
        if self.action is Action.BUDGET:
            return budget.change(job, self.budget, user)
        return CHANGES[self.action](job, user)


CHANGES: dict[Action, Callable[[int, User], int]] = {
    Action.PAUSE: jobs.pause,
    Action.RESUME: jobs.resume,
    Action.CANCEL: jobs.cancel,
}


@staff_member_required
@entering
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """A page that says what an action touches, and the action itself for its form."""
    if name not in list(Action):
        raise Http404
    job = get_object_or_404(Job.objects.select_related("release"), pk=pk)
    if not may_act(request.user, job):
        raise PermissionDenied
    wish = _wish(request, Action(name))
    if request.method == "POST":
        return _carry_out(request, job, wish)
    language = language_of(request)
    context = {"texts": words(language, ACTION_WORDS), "job": job, **_preview(job, wish, language)}
    return show(request, "dashboard/act.html", "jobs", context)


def _preview(job: Job, wish: Wish, language: Language) -> dict[str, Any]:
    found, saying = wish.effect(job), ACTIONS[wish.action]
    numbers = {
        "touched": f"{found.touched:,}",
        "running": f"{found.running:,}",
        "waiting": f"{found.waiting:,}",
        "cost": f"{_cost(job, found.touched):.2f}",
        "spent": f"{budget.spent(job.pk):.4f}",
    }
    return {
        "wish": wish,
        "possible": found.possible,
        "name": in_(language, saying.name),
        "touched": numbers["touched"],
        "touches": saying.touches.text(language, numbers),
        "leaves": saying.leaves.text(language, numbers),
        "once": uuid4(),
    }


def _cost(job: Job, items: int) -> Decimal:
    """USD of so many items, if they cost what the others of the job did."""
    now = progress(job)
    return now.cost / max(now.counts.done + now.counts.failed, 1) * items


def _carry_out(request: HttpRequest, job: Job, wish: Wish) -> HttpResponse:
    user, language = actor(request), language_of(request)
    with transaction.atomic():
        possible = wish.effect(job).possible
        first = first_time(user, f"dashboard {once(request.POST)}")
        changed = wish.carry_out(job.pk, user) if first else 0
    if not first:
        messages.info(request, in_(language, ACTION_WORDS["twice"]))
    elif not possible or (wish.action is Action.BUDGET and not changed):
        messages.info(request, in_(language, ACTION_WORDS["unchanged"]))
    else:
        done = ACTIONS[wish.action].done
        messages.success(request, done.text(language, {"touched": f"{changed:,}"}))
    return HttpResponseRedirect(reverse("dashboard:job", args=[job.pk]))


def _wish(request: HttpRequest, action: Action) -> Wish:
    asked = request.POST if request.method == "POST" else request.GET
    item, code = asked.get("item", ""), plain(asked.get("code", ""))
    if (item and not KEY.fullmatch(item)) or len(code) > LONGEST_CODE:
        raise BadRequest("Nothing can be asked so.")
    try:
        usd = budget.parse(asked.get("budget", ""))
    except ValueError as error:
        raise BadRequest(in_(language_of(request), ACTION_WORDS["no_amount"])) from error
    return Wish(action, int(item) if item else None, code, usd)
