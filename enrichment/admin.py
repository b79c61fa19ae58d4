"""Releases, jobs and items in the Django admin: to look, to search, to cancel and to retry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from enrichment import jobs, weekly
from enrichment.admin_filters import ByCause, ByJob
from enrichment.models import Item, Job, Release, RowError, ScheduledRun, Title, WeeklyMark
from enrichment.obstacles import obstacles, reading_obstacles
from enrichment.progress import Counts, counts, progress
from enrichment.results import results
from enrichment.states import RETRYABLE, State
from enrichment.window import Lane
from mangaassist import language
from mangaassist.admin import ReadOnly
from mangaassist.errors import Failure

LINE_BREAK = SafeString("<br>")
NO_BREAK = "\u00a0"


def link(text: str, page: str, **query: str | int) -> SafeString:
    """A link to a list of the admin, such as `enrichment_item`, with a query."""
    address = reverse(f"admin:{page}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, urlencode(query), text)


def writes(wish: Job | WeeklyMark) -> str:
    return f"{', '.join(wish.kinds)} in {', '.join(wish.languages)}"


def each(request: HttpRequest, chosen: QuerySet[Job], change: Callable[[int, User], int]) -> int:
    """Changes every chosen job in the user's name. Returns how much that touched."""
    user = cast(User, request.user)
    return sum(change(job, user) for job in chosen.values_list("pk", flat=True))


@admin.register(Title)
class TitleAdmin(ReadOnly):
    list_display = ("id", "title_jp", "title_kana", "creator", "first_published")
    search_fields = ("id", "title_jp", "title_kana", "creator")


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    list_display = (
        "name",
        "state",
        "good_rows",
        "rejected",
        "next_run",
        "created_at",
        "created_by",
    )
    list_filter = ("state", "created_at")
    list_select_related = ("created_by", "weekly")
    search_fields = ("name", "sha256")
    actions = ("mark", "unmark")
    date_hierarchy = "created_at"
    fieldsets = (
        (None, {"fields": ("name", "state", "why", "good_rows", "rejected", "in_the_way")}),
        ("File", {"fields": ("size", "format", "encoding", "sheet", "sha256")}),
        ("Columns", {"fields": ("columns", "ignored_columns", "mapping")}),
        ("Weekly run", {"fields": ("next_run", "writes")}),
        ("Reading", {"fields": ("delivery", "crashes", "lease_until")}),
        ("Upload", {"fields": ("created_at", "created_by")}),
    )
    readonly_fields = ("why", "rejected", "in_the_way", "next_run", "writes")

    @admin.display(description="refused because")
    def why(self, release: Release) -> str:
        return release.reason or "-"

    @admin.display(description="in the way")
    def in_the_way(self, release: Release) -> str:
        return " ".join(reading_obstacles(release, language.current())) or "nothing"

    @admin.display(description="bad rows", ordering="bad_rows")
    def rejected(self, release: Release) -> str:
        told = f"{release.bad_rows}"
        if release.warned_rows:
            told += f" + {release.warned_rows} taken in part"
        if told == "0":
            return told
        return link(told, "enrichment_rowerror", release__id__exact=release.pk)

    @admin.display(description="weekly run")
    def next_run(self, release: Release) -> str:
        mark = getattr(release, "weekly", None)
        if mark is None:
            return "-"
        at = localize(timezone.localtime(weekly.next_run_of(mark)))
        return f"{at} {weekly.text_of(mark, language.current())}"

    @admin.display(description="will write")
    def writes(self, release: Release) -> str:
        mark = getattr(release, "weekly", None)
        return "-" if mark is None else writes(mark)

    @admin.action(description="Enrich with the weekly run", permissions=["act"])
    def mark(self, request: HttpRequest, chosen: QuerySet[Release]) -> None:
        """With the default kinds and languages; the API takes others."""
        for release in chosen:
            try:
                weekly.mark(release, jobs.Options(), cast(User, request.user))
            except (jobs.NothingToEnrich, weekly.AlreadyStarted) as error:
                messages.error(request, f"{release}: {error.text(language.current())}")
            except jobs.NotReady:
                messages.error(request, f"{release}: it is {release.state}, not ready.")
            else:
                messages.success(request, f"{release} starts with the weekly run.")

    @admin.action(description="Do not enrich with the weekly run", permissions=["act"])
    def unmark(self, request: HttpRequest, chosen: QuerySet[Release]) -> None:
        taken = sum(weekly.unmark(release, cast(User, request.user)) for release in chosen)
        messages.success(request, f"{taken} releases do not start with the weekly run any more.")


@admin.register(ScheduledRun)
class ScheduledRunAdmin(ReadOnly):
    list_display = ("__str__", "state", "begun", "started_at", "ended_at")
    ordering = ("-slot",)

    @admin.display(description="state")
    def state(self, run: ScheduledRun) -> str:
        """In words: the mark of a yes or no would be red where nothing was missed."""
        if run.missed:
            return "missed"
        return "ended" if run.ended_at else "going on"

    @admin.display(description="jobs")
    def begun(self, run: ScheduledRun) -> SafeString:
        return link("jobs", "enrichment_job", run=run.pk)


@admin.register(RowError)
class RowErrorAdmin(ReadOnly):
    """Reached from a release; a file may have as many bad rows as good ones."""

    list_display = ("number", "field", "reason", "release")
    list_select_related = ("release",)
    fields = readonly_fields = ("release", "number", "field", "reason")
    ordering = ("release", "number", "id")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="what is wrong, and what to do")
    def reason(self, error: RowError) -> str:
        return error.reason


class JobList(ChangeList):
    """A page of jobs with the counts of them all, read in one query."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        found = counts(self.result_list)
        for job in self.result_list:
            job.listed = found[job.pk]


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = ("id", "release", "state", "lane", "done", "failed", "created_at")
    list_filter = ("state", "lane", "created_at")
    list_select_related = ("release",)
    list_per_page = 50
    ordering = ("-id",)
    search_fields = ("release__name",)
    actions = ("pause", "resume", "cancel", "retry", "move_back", "move_up")
    fieldsets = (
        (None, {"fields": ("release", "state", "items_by_state", "now", "in_the_way")}),
        (
            "Options",
            {"fields": ("writes", "changes", "model", "lane", "weight", "budget", "held", "run")},
        ),
        ("Times", {"fields": ("created_at", "created_by", "ended_at", "mailed_at", "posted_at")}),
    )
    readonly_fields = ("items_by_state", "now", "in_the_way", "writes")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return JobList

    @admin.display(description="done")
    def done(self, job: Job) -> SafeString:
        listed: Counts = job.listed  # type: ignore[attr-defined]
        percent = 100 * listed.done // max(listed.total, 1)
        text = f"{listed.done:,} / {listed.total:,} ({percent} %)".replace(" ", NO_BREAK)
        return link(text, "enrichment_item", job=job.pk)

    @admin.display(description="failed")
    def failed(self, job: Job) -> int:
        listed: Counts = job.listed  # type: ignore[attr-defined]
        return listed.failed

    @admin.display(description="writes")
    def writes(self, job: Job) -> str:
        return writes(job)

    @admin.display(description="items")
    def items_by_state(self, job: Job) -> SafeString:
        by_state = counts([job])[job.pk].by_state
        links = (
            link(f"{by_state[state]:,} {state}", "enrichment_item", job=job.pk, state__exact=state)
            for state in State
            if by_state.get(state)
        )
        return format_html_join(" · ", "{}", ((one,) for one in links))

    @admin.display(description="progress")
    def now(self, job: Job) -> str:
        now = progress(job)
        left = "" if now.eta is None else f" · {now.rate:.1f}/s · {now.eta:.0f} s left"
        return f"{now.counts.done:,} of {job.total:,} done{left} · ${now.cost:.4f}"

    @admin.display(description="in the way")
    def in_the_way(self, job: Job) -> SafeString:
        found = obstacles(job, language.current()) if job.ended_at is None else []
        return format_html_join(LINE_BREAK, "{}", ((text,) for text in found or ["nothing"]))

    @admin.action(description="Pause: send nothing more", permissions=["act"])
    def pause(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        recalled = each(request, chosen, jobs.pause)
        messages.success(request, f"{recalled} queued items came back; running ones finish.")

    @admin.action(description="Resume", permissions=["act"])
    def resume(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        resumed = each(request, chosen, jobs.resume)
        messages.success(request, f"{resumed} jobs go on.")

    @admin.action(description="Cancel what has not run yet", permissions=["act"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        withdrawn = each(request, chosen, jobs.cancel)
        messages.success(request, f"{withdrawn} items were cancelled; running ones finish.")

    @admin.action(description="Retry failed items", permissions=["act"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        returned = each(request, chosen, lambda job, user: jobs.retry(job, user=user))
        messages.success(request, f"{returned} items will be tried again.")

    @admin.action(description="Put into the low lane, after all other jobs", permissions=["act"])
    def move_back(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        recalled = each(request, chosen, lambda job, user: jobs.move(job, Lane.LOW, user))
        messages.success(request, f"In the low lane; {recalled} queued items came back.")

    @admin.action(description="Put into the normal lane", permissions=["act"])
    def move_up(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        each(request, chosen, lambda job, user: jobs.move(job, Lane.NORMAL, user))
        messages.success(request, "In the normal lane.")


@admin.register(Item)
class ItemAdmin(ReadOnly):
    list_display = ("id", "title", "job_number", "state", "tries", "code", "ended_at")
    list_filter = ("state", ByCause, ByJob)
    list_select_related = ("title",)
    search_fields = ("title__id", "title__title_jp", "title__title_kana")
    ordering = ("-id",)
    actions = ("retry",)
    fieldsets = (
        (None, {"fields": ("title", "in_job", "state", "code", "message", "result")}),
        ("Tries", {"fields": ("tries", "snoozes", "crashes", "delivery", "not_before")}),
        ("Work", {"fields": ("worker", "started_at", "ended_at", "lease_until")}),
        ("Use", {"fields": ("calls", "input_tokens", "output_tokens", "cost")}),
    )
    readonly_fields = ("in_job", "result")

    @admin.display(description="job", ordering="job")
    def job_number(self, item: Item) -> str:
        return f"#{item.job_id}"

    @admin.display(description="job")
    def in_job(self, item: Item) -> SafeString:
        address = reverse("admin:enrichment_job_change", args=[item.job_id])
        return format_html('<a href="{}">#{} {}</a>', address, item.job_id, item.job.release.name)

    @admin.display(description="in the catalogue")
    def result(self, item: Item) -> SafeString:
        try:
            lines = [(f"{field.kind} {field.language}", text) for field, text in results(item)]
        except Failure as failure:
            lines = [("cannot be read", failure.message)]
        return format_html_join(LINE_BREAK, "<b>{}</b> {}", lines)

    @admin.action(description="Retry these items", permissions=["act"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Item]) -> None:
        by_job: dict[int, list[int]] = {}
        for job, item in chosen.filter(state__in=RETRYABLE).values_list("job_id", "pk"):
            by_job.setdefault(job, []).append(item)
        user = cast(User, request.user)
        returned = sum(jobs.retry(job, items, user=user) for job, items in by_job.items())
        messages.success(request, f"{returned} items will be tried again.")
