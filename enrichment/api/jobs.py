"""The REST endpoints of jobs. None of them waits for SQS or Bedrock: the keeper sends the items."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from enrichment import jobs
from enrichment.api.endpoints import LOOKERS, WORKERS, AnyType, Owned
from enrichment.api.job_serializers import (
    CauseSerializer,
    ChangedJobSerializer,
    ItemSerializer,
    JobBudgetSerializer,
    JobDetailSerializer,
    JobSerializer,
    LaneSerializer,
    RetrySerializer,
)
from enrichment.api.queries import ExportQuery, ItemQuery, JobQuery
from enrichment.api.refusals import catalogue_unavailable
from enrichment.budget import change as change_budget
from enrichment.causes import causes
from enrichment.export import EXPORTS
from enrichment.models import Job
from enrichment.roles import ACT
from enrichment.window import Lane
from mangaassist.api.schema import ProblemSerializer


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Owned[Job]):
    """Jobs, newest first."""

    required: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "items", "errors", "export"), LOOKERS),
        **dict.fromkeys(("pause", "resume", "budget", "cancel", "retry"), WORKERS),
        "lane": (ACT,),
    }

    def get_queryset(self) -> QuerySet[Job]:
        return self.within_reach(Job.objects.select_related("release"))

    def get_serializer_class(self) -> type[JobSerializer]:
        return JobSerializer if self.action == "list" else JobDetailSerializer

    @extend_schema(parameters=[JobQuery])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Jobs in reach of the caller, newest first."""
        return self.page(self.ask(JobQuery).narrow(self.get_queryset()), JobSerializer)

    @extend_schema(parameters=[ItemQuery], responses=ItemSerializer(many=True))
    @action(detail=True)
    def items(self, request: Request, pk: str) -> Response:
        """The items of a job, newest first."""
        items = self.get_object().items.select_related("title")
        return self.page(self.ask(ItemQuery).narrow(items), ItemSerializer)

    @extend_schema(responses=CauseSerializer(many=True))
    @action(detail=True, pagination_class=None)
    def errors(self, request: Request, pk: str) -> Response:
        """Why items did not succeed, by cause, the most frequent first, with known fixes."""
        found: Any = causes(self.get_object())
        return Response(CauseSerializer(found, many=True).data)

    @extend_schema(request=None, responses=ChangedJobSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Sends nothing more; what is queued comes back, what runs finishes."""
        job = self.get_object()
        return self._changed(job, jobs.pause(job.pk, self.user))

    @extend_schema(request=None, responses=ChangedJobSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Lets a paused job go on; one that is held by its budget needs another budget."""
        job = self.get_object()
        jobs.resume(job.pk, self.user)
        return self._changed(job, 0)

    @extend_schema(request=JobBudgetSerializer, responses=ChangedJobSerializer)
    @action(detail=True, methods=["post"])
    def budget(self, request: Request, pk: str) -> Response:
        """Gives the job another budget, or none; one that was held for the old one goes on."""
        job = self.get_object()
        form = JobBudgetSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        change_budget(job.pk, form.validated_data["budget_usd"], self.user)
        return self._changed(job, 0)

    @extend_schema(request=None, responses=ChangedJobSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Withdraws what has not run."""
        job = self.get_object()
        return self._changed(job, jobs.cancel(job.pk, self.user))

    @extend_schema(request=RetrySerializer, responses=ChangedJobSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Tries failed items again: all, those of one cause, or named ones."""
        job = self.get_object()
        form = RetrySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return self._changed(job, jobs.retry(job.pk, **form.validated_data, user=self.user))

    @extend_schema(request=LaneSerializer, responses=ChangedJobSerializer)
    @action(detail=True, methods=["post"])
    def lane(self, request: Request, pk: str) -> Response:
        """Puts the job into another lane; what is queued comes back to wait in the low one."""
        job = self.get_object()
        form = LaneSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        lane = Lane(form.validated_data["lane"])
        return self._changed(job, jobs.move(job.pk, lane, self.user))

    @extend_schema(
        parameters=[ExportQuery],
        responses={
            (200, export.media_type): OpenApiResponse(OpenApiTypes.STR, description="The file.")
            for export in EXPORTS.values()
        }
        | {503: ProblemSerializer},
    )
    @action(detail=True, renderer_classes=[AnyType])
    def export(self, request: Request, pk: str) -> StreamingHttpResponse:
        """The titles of a job with their states and results, as a file."""
        job = self.get_object()
        name = self.ask(ExportQuery).validated_data["format"]
        with catalogue_unavailable():
            export = EXPORTS[name](job)
        headers = {"Content-Disposition": f'attachment; filename="job-{job.pk}.{name}"'}
        content_type = f"{export.media_type}; charset=utf-8"
        return StreamingHttpResponse(export.chunks(), content_type=content_type, headers=headers)

    def _changed(self, job: Job, changed: int) -> Response:
        job.refresh_from_db()
        return Response(JobDetailSerializer(job).data | {"changed": changed})
