"""Uploads: the file, and the check of what was read. Nothing runs here."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.admin.views.decorators import staff_member_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import actor, entering, uploading
from dashboard.polled import polled
from dashboard.shell import language_of, show
from dashboard.texts import in_, words
from dashboard.upload_page import error_lines, facts, headers, kept, remembered
from dashboard.upload_texts import COLUMN_NAMES, STATES, WORDS
from enrichment import releases, uploads
from enrichment.models import Release
from enrichment.roles import ADD, within_reach
from enrichment.uploads import ReleaseError
from enrichment.uploads.columns import Columns
from enrichment.uploads.rows import COLUMNS
from mangaassist.language import Language

NEWEST = 20


def reached(request: HttpRequest, pk: int, *, acting: bool = False) -> Release:
    """The release, if it is in the reader's reach. Raises Http404 otherwise."""
    rows = within_reach(Release.objects.all(), request.user, acting=acting)
    return get_object_or_404(rows, pk=pk)


@staff_member_required
@entering
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """A field for a file, and what was uploaded lately."""
    if request.method == "POST":
        return _receive(request)
    return _page(request)


def _page(request: HttpRequest, problem: str = "") -> HttpResponse:
    language = language_of(request)
    rows = within_reach(Release.objects.all(), request.user, acting=False)
    newest = rows.annotate(job_count=Count("jobs")).order_by("-pk")[:NEWEST]
    context = {
        "texts": words(language, WORDS),
        "problem": problem,
        "may_add": request.user.has_perm(ADD),
        "releases": [
            (release, in_(language, STATES[Release.State(release.state)])) for release in newest
        ],
    }
    response = show(request, "dashboard/uploads.html", "uploads", context)
    response.status_code = 400 if problem else 200
    return response


@uploading
def _receive(request: HttpRequest) -> HttpResponse:
    language = language_of(request)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or file.file is None:
        return _page(request, in_(language, WORDS["no_file"]))
    try:
        uploads.refuse_at_once(file.file)  # type: ignore[arg-type]
    except ReleaseError as error:
        return _page(request, error.text(language))
    release, _ = releases.receive(file.name or "", file.file, actor(request))  # type: ignore[arg-type]
    return HttpResponseRedirect(reverse("dashboard:upload", args=[release.pk]))


@staff_member_required
@require_safe
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """What was read: how, the first rows, the errors in groups, and where to go on."""
    return _check(request, reached(request, pk))


def _check(request: HttpRequest, release: Release, problem: str = "") -> HttpResponse:
    language = language_of(request)
    mends = kept(release) and may_go_on(request, release)
    written: Mapping[str, str] = request.POST if problem else release.mapping
    earlier = remembered(release, actor(request)) if mends and not written else None
    if earlier is not None:
        written = earlier.mapping
    context = {
        "texts": words(language, WORDS),
        "release": release,
        "live": _live(request, release),
        "problem": problem,
        "mapping": [
            (column, in_(language, COLUMN_NAMES[column]), written.get(column, ""))
            for column in COLUMNS
        ],
        "headers": headers(release),
        "as_before": _as_before(earlier, language) if earlier else "",
        "kept": mends,
        "ended": release.state in (Release.State.READY, Release.State.REFUSED),
    }
    response = show(request, "dashboard/upload.html", "uploads", context)
    response.status_code = 400 if problem else 200
    return response


def _as_before(earlier: Release, language: Language) -> str:
    at = f"{timezone.localtime(earlier.created_at):%Y-%m-%d %H:%M}"
    return WORDS["as_before"].text(language, {"name": earlier.name, "at": at})


@entering
@require_safe
def check_live(request: HttpRequest, pk: int) -> HttpResponse:
    """The part that changes while a file is read."""
    return polled(request, _live(request, reached(request, pk)))


def _live(request: HttpRequest, release: Release) -> str:
    language = language_of(request)
    found = facts(release, language, may_go_on(request, release))
    with translation.override(language.value):
        return render_to_string("dashboard/upload_live.html", found)


def may_go_on(request: HttpRequest, release: Release) -> bool:
    mine = within_reach(Release.objects.filter(pk=release.pk), request.user, acting=True)
    return request.user.has_perm(ADD) and mine.exists()


@staff_member_required
@uploading
@require_POST
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Reads a refused file once more, with the columns that somebody names."""
    release = reached(request, pk, acting=True)
    wanted = {name: request.POST.get(name, "").strip() for name in COLUMNS}
    try:
        mapping = Columns({name: header for name, header in wanted.items() if header}).mapping
    except ReleaseError as error:
        return _check(request, release, error.text(language_of(request)))
    again = releases.read_again(release, mapping, actor(request)) or release
    return HttpResponseRedirect(reverse("dashboard:upload", args=[again.pk]))


@staff_member_required
@require_safe
def errors(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Everything wrong with the file, as CSV."""
    release, language = reached(request, pk), language_of(request)
    response = StreamingHttpResponse(
        error_lines(release, language), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="errors-{release.pk}.csv"'
    return response
