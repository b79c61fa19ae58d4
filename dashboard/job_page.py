"""The page of one job, and the part of it that a page asks for every two seconds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.views.decorators import staff_member_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from dashboard.access import entering, may_act
from dashboard.action_texts import ACTIONS
from dashboard.job_detail import FILTERS, detail
from dashboard.job_texts import JOB_WORDS, LANES
from dashboard.polled import polled
from dashboard.shell import language_of, show
from dashboard.texts import in_, words
from dashboard.upload_texts import KINDS, LANGUAGES
from enrichment.effects import Action, possible
from enrichment.kinds import Kind
from enrichment.models import Item, Job
from enrichment.prompts import render
from enrichment.roles import within_reach
from enrichment.states import RETRYABLE, State
from enrichment.window import Lane
from mangaassist.language import Language
from mangaassist.tokens import estimate_prompt

ASKED = (*FILTERS, "before", "after")


def jobs(request: HttpRequest) -> QuerySet[Job]:
    """Those that the reader may look at."""
    rows = Job.objects.select_related("release", "created_by")
    return within_reach(rows, request.user, acting=False)


@staff_member_required
@entering
@require_safe
def job_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A job with everything about it, which needs no script to be read."""
    job, language = get_object_or_404(jobs(request), pk=pk), language_of(request)
    asked = {name: request.GET[name] for name in ASKED if name in request.GET}
    context = {
        "texts": words(language, JOB_WORDS),
        "job": job,
        "live": _live(request, job, language),
        "ended": job.ended_at is not None,
        "poll": urlencode({**asked, "lang": language.value}),
        "prompt": _prompt(job),
        "writes": _writes(job, language),
        "lane": in_(language, LANES[Lane(job.lane)]),
        "result": job.items.filter(state=State.DONE).order_by("-pk").first(),
        "calls": _calls(request, job, asked),
        "at": timezone.localtime(),
    }
    return show(request, "dashboard/job.html", "jobs", context)


@entering
@require_safe
def job_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The part that changes; 304 for a page that has it."""
    html = _live(request, get_object_or_404(jobs(request), pk=pk), language_of(request))
    return polled(request, html)


def _live(request: HttpRequest, job: Job, language: Language) -> str:
    context = detail(job, request.GET, language)
    acts = possible(job) if may_act(request.user, job) else []
    by_state = context["job"]["line"].by_state
    if not any(by_state.get(state) for state in RETRYABLE):
        acts = [action for action in acts if action is not Action.RETRY]
    context["acts"] = [(action.value, in_(language, ACTIONS[action].name)) for action in acts]
    with translation.override(language.value):
        return render_to_string("dashboard/job_live.html", context)


def _writes(job: Job, language: Language) -> str:
    kinds = ", ".join(in_(language, KINDS[Kind(kind)]) for kind in job.kinds)
    tongues = ", ".join(in_(language, LANGUAGES[Language(tongue)]) for tongue in job.languages)
    return f"{kinds} ({tongues})"


def _prompt(job: Job) -> dict[str, Any] | None:
    """What the model gets about the job's last title; None for a job that writes no text.

    Items without a text come first.
    """
    last: Item | None = job.items.select_related("title").order_by("pk").last()
    if last is None or last.offer_only:
        return None
    kinds = [Kind(kind) for kind in job.kinds]
    prompt = render(last.title, kinds, [Language(language) for language in job.languages])
    return {"text": prompt, "tokens": estimate_prompt(prompt.system, prompt.messages)}


def _calls(request: HttpRequest, job: Job, asked: dict[str, str]) -> list[str]:
    """Commands that give the same as this page."""
    items = reverse("job-items", args=[job.pk])
    query = urlencode({name: asked[name] for name in FILTERS if asked.get(name)})
    paths = [reverse("job-detail", args=[job.pk]), f"{items}?{query}" if query else items]
    return [
        f'curl -H "Authorization: Token $KEY" "{request.build_absolute_uri(path)}"'
        for path in paths
    ]
