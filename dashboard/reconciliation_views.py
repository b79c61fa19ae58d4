"""Reconciliations: the newest runs live, one run with its findings, and the way to begin one."""

from __future__ import annotations

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import actor, looking, operates, operating
from dashboard.reconciliation_page import drawn, meanings, price
from dashboard.reconciliation_texts import DISCREPANCIES, REPAIRS, WORDS
from dashboard.shell import language_of, show
from dashboard.texts import in_, words
from dashboard.views import live_page
from enrichment import reconciliation
from enrichment.api.queries import KEY
from enrichment.findings import Discrepancy, Reconciliation
from enrichment.models import Job

SHOWN = 200  # findings on one page


@staff_member_required
@looking
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The runs, and a form for the next one."""
    return _page(request)


def _page(request: HttpRequest, problem: str = "") -> HttpResponse:
    language = language_of(request)
    response = live_page(
        request, "dashboard/reconciliations_page.html", "reconciliation",
        own=words(language, WORDS), problem=problem, job=request.POST.get("job", ""),
        repairs=[(repair.value, in_(language, text)) for repair, text in REPAIRS.items()],
        may_act=operates(request),
    )  # fmt: skip
    response.status_code = 400 if problem else 200
    return response


@staff_member_required
@operating
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begins a run over the items of a job, or of the last day."""
    number = request.POST.get("job", "").strip().removeprefix("#")
    job = Job.objects.filter(pk=int(number)).first() if KEY.fullmatch(number) else None
    if number and job is None:
        return _page(request, in_(language_of(request), WORDS["no_job"]))
    repair = request.POST.get("repair", "")
    if repair not in Reconciliation.Repair.values:
        repair = Reconciliation.Repair.NOTHING
    run = reconciliation.begin(Reconciliation.Repair(repair), job, user=actor(request))
    return HttpResponseRedirect(reverse("dashboard:reconciliation_run", args=[run.pk]))


@staff_member_required
@looking
@require_safe
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """One run: what did not agree, and what a repair would do."""
    run = get_object_or_404(Reconciliation.objects.select_related("created_by"), pk=run_id)
    language = language_of(request)
    findings = run.findings.select_related("item__title").order_by("pk")[:SHOWN]
    own = words(language, WORDS)
    context = {
        "own": own,
        "at": timezone.localtime(),
        "run": drawn(run, language),
        "meanings": meanings(run, language),
        "price": price(run, language),
        "findings": [
            (finding, in_(language, DISCREPANCIES[Discrepancy(finding.discrepancy)]))
            for finding in findings
        ],
        "shown": own["shown"].format(shown=SHOWN) if sum(run.found.values()) > SHOWN else "",
        "may_act": operates(request),
    }
    return show(request, "dashboard/reconciliation.html", "reconciliation", context)


@staff_member_required
@operating
@require_POST
def repair(request: HttpRequest, run_id: int) -> HttpResponse:
    """Compares the same items once more, and repairs all that does not agree."""
    run = get_object_or_404(Reconciliation, pk=run_id)
    again = reconciliation.begin(
        Reconciliation.Repair.ALL, run.job, since=run.since, user=actor(request)
    )
    return HttpResponseRedirect(reverse("dashboard:reconciliation_run", args=[again.pk]))
