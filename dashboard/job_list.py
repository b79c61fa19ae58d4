"""The list of all jobs: filters, pages, and each job with its progress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import BadRequest
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import entering
from dashboard.job_lines import drawn
from dashboard.job_texts import JOB_WORDS
from dashboard.jobs import hold, light, lines
from dashboard.keyset import page
from dashboard.shell import language_of, show
from dashboard.texts import JOB_STATES, in_, words
from enrichment.api.queries import JobQuery
from enrichment.models import Job
from enrichment.roles import within_reach
from mangaassist.language import Language

SIZE = 25
FILTERS = ("q", "mine", "state")


@staff_member_required
@entering
@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """Jobs, newest first, those of a state, of a text, or of the reader alone."""
    language = language_of(request)
    asked = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    in_any_state = narrowed({**asked, "state": ""}, request.user)
    chosen = page(light(narrowed(asked, request.user)), request.GET, SIZE)
    now, held = timezone.now(), hold()
    context = {
        "texts": words(language, JOB_WORDS),
        "jobs": [drawn(line, language, now, held) for line in lines(chosen.rows)],
        "chips": chips(in_any_state, asked, language),
        "asked": asked,
        "newer": _address(asked, chosen.newer),
        "older": _address(asked, chosen.older),
        "at": timezone.localtime(now),
    }
    return show(request, "dashboard/jobs.html", "jobs", context)


def narrowed(asked: Mapping[str, str], user: User | AnonymousUser) -> QuerySet[Job]:
    """The jobs that a query asks for. Raises BadRequest for what it cannot ask."""
    query = JobQuery(data={name: asked[name] for name in ("q", "state") if asked.get(name)})
    if not query.is_valid():
        raise BadRequest(str(query.errors))
    jobs = query.narrow(within_reach(Job.objects.all(), user, acting=False))
    if not asked.get("mine"):
        return jobs
    return jobs.filter(Q(created_by=user.pk) | Q(release__created_by=user.pk))


def chips(
    jobs: QuerySet[Job], asked: Mapping[str, str], language: Language
) -> list[dict[str, Any]]:
    """All jobs and those of each state, with their number and where to see them."""
    found = dict(jobs.values_list("state").annotate(Count("pk")).order_by())
    others = {name: value for name, value in asked.items() if name != "state"}
    every = {
        "name": in_(language, JOB_WORDS["all"]),
        "count": sum(found.values()),
        "address": _address(others),
        "chosen": "state" not in asked,
    }
    return [
        every,
        *(
            {
                "name": in_(language, JOB_STATES[state]),
                "count": found.get(state.value, 0),
                "address": _address({**others, "state": state.value}),
                "chosen": asked.get("state") == state.value,
            }
            for state in Job.State
        ),
    ]


def _address(asked: Mapping[str, str], more: str | None = None) -> str:
    """The query of a list; empty for a page that there is not."""
    if more == "":
        return ""
    return "?" + "&".join(filter(None, (urlencode(asked), more)))
