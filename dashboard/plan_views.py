"""The plan of a job: what it would do, cost and take, a sample of it, and its beginning."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import actor, uploading
from dashboard.plan_page import (
    Unasked,
    choices,
    drawn_samples,
    estimate,
    is_asked,
    options,
    query,
    weekly_at,
)
from dashboard.polled import polled
from dashboard.shell import language_of, show
from dashboard.texts import in_, words
from dashboard.upload_texts import WORDS
from dashboard.upload_views import reached
from enrichment import jobs, sampling, weekly
from enrichment.jobs import NotAdmitted, NothingToEnrich, Options
from enrichment.models import Release
from enrichment.preview import Preview, changes, preview
from mangaassist.errors import Failure
from mangaassist.language import Language


@staff_member_required
@uploading
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan of what the form asks for."""
    release = reached(request, pk, acting=True)
    if request.method == "POST":
        return _done(request, release, lambda wish: _address(release, wish))
    return _plan(request, release, request.GET)


def _plan(
    request: HttpRequest, release: Release, asked: QueryDict, problem: str = ""
) -> HttpResponse:
    if release.state != Release.State.READY:
        return HttpResponseRedirect(reverse("dashboard:upload", args=[release.pk]))
    language = language_of(request)
    wish, found = Options(), None
    try:
        wish = _options(asked)
        found = preview(release, wish, actor(request))
    except Unasked as error:
        problem = in_(language, WORDS[error.problem])
    except NothingToEnrich as error:
        problem = error.text(language.value)
    context = {
        "texts": words(language, WORDS),
        "release": release,
        "problem": problem,
        "choices": choices(wish, changes(release), found, language),
        "budget": "" if wish.budget is None else str(wish.budget),
        "query": query(wish),
        "poll": f"{query(wish)}&{urlencode({'lang': language.value})}",
        "live": _samples(release, wish, language),
    }
    if found:
        at = weekly_at(found)
        context |= {
            "preview": found,
            "facts": estimate(found, language),
            "prompts": found.samples,
            "confirm": _confirmation(found, language),
            "weekly": WORDS["weekly"].text(language, {"at": at}),
        }
        for first in found.samples[:1]:
            context["prompt_of"] = WORDS["prompt"].text(language, {"row": first.row.number})
    response = show(request, "dashboard/plan.html", "uploads", context)
    response.status_code = 400 if problem and is_asked(asked) else 200
    return response


def _confirmation(found: Preview, language: Language) -> str:
    """What the button says that starts the job."""
    word, titles = ("confirm", found.titles) if found.titles else ("update", found.offers)
    return WORDS[word].text(language, {"titles": f"{titles:,}"})


@uploading
@require_safe
def samples_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The samples, as far as they are written."""
    release = reached(request, pk, acting=True)
    try:
        wish = _options(request.GET)
    except Unasked as error:
        raise BadRequest("Nothing is asked for.") from error
    return polled(request, _samples(release, wish, language_of(request)))


@staff_member_required
@uploading
@require_POST
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets the model write about three titles."""
    release = reached(request, pk, acting=True)

    def ask(wish: Options) -> str:
        sampling.ask(release, wish, actor(request))
        return f"{_address(release, wish)}#sample"

    try:
        return _done(request, release, ask)
    except Failure as failure:
        return _plan(request, release, request.POST, failure.message)


@staff_member_required
@uploading
@require_POST
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Starts the job; the same wish twice is the same job."""
    release = reached(request, pk, acting=True)

    def start(wish: Options) -> str:
        job, _ = jobs.start(release, wish, actor(request))
        return reverse("dashboard:job", args=[job.pk])

    return _done(request, release, start, as_estimated=True)


@staff_member_required
@uploading
@require_POST
def mark(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets the job start with the weekly run."""
    release, language = reached(request, pk, acting=True), language_of(request)

    def book(wish: Options) -> str:
        at = f"{weekly.next_run_of(weekly.mark(release, wish, actor(request))):%m-%d %H:%M}"
        messages.success(request, WORDS["marked"].text(language, {"at": at}))
        return reverse("dashboard:uploads")

    return _done(request, release, book, as_estimated=True)


def _done(
    request: HttpRequest,
    release: Release,
    change: Callable[[Options], str],
    *,
    as_estimated: bool = False,
) -> HttpResponse:
    """Goes where the change leads, or says on the plan why it is not made.

    as_estimated: refuse another wish than the one whose estimate the person has seen.
    """
    try:
        wish = _options(request.POST)
        if as_estimated and request.POST.get("estimated") != query(wish):
            told = in_(language_of(request), WORDS["other_wish"])
            return _plan(request, release, request.POST, told)
        return HttpResponseRedirect(change(wish))
    except (NotAdmitted, weekly.AlreadyStarted) as error:
        return _plan(request, release, request.POST, error.text(language_of(request).value))
    except (Unasked, NothingToEnrich):
        return _plan(request, release, request.POST)


def _options(asked: QueryDict) -> Options:
    """Raises Unasked, and BadRequest for what no form of ours sends."""
    try:
        return options(asked)
    except Unasked:
        raise
    except ValueError as error:
        raise BadRequest(str(error)) from error


def _address(release: Release, wish: Options) -> str:
    return f"{reverse('dashboard:plan', args=[release.pk])}?{query(wish)}"


def _samples(release: Release, wish: Options, language: Language) -> str:
    context = {
        "words": words(language, WORDS),
        "samples": drawn_samples(release, wish, language),
    }
    with translation.override(language.value):
        return render_to_string("dashboard/samples.html", context)
