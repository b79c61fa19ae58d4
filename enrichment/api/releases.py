"""The REST endpoints of releases: upload, look at what was read, preview, confirm a job."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from enrichment import jobs, releases, uploads, weekly
from enrichment.api.endpoints import LOOKERS, WORKERS, Owned, PagesByNumber
from enrichment.api.job_serializers import ConfirmedJobSerializer, JobDetailSerializer
from enrichment.api.preview_serializers import AdmissionProblemSerializer, PreviewSerializer
from enrichment.api.queries import ReleaseQuery, RowQuery
from enrichment.api.refusals import explained, upload_refused
from enrichment.api.release_serializers import (
    ConfirmationSerializer,
    OptionsSerializer,
    ReleaseDetailSerializer,
    ReleaseSerializer,
    RowErrorSerializer,
    RowSerializer,
    UploadSerializer,
)
from enrichment.load import waiting
from enrichment.models import Job, Release
from enrichment.pace import pace
from enrichment.preview import preview
from enrichment.roles import ADD
from enrichment.window import Lane
from mangaassist.api.idempotency import idempotent
from mangaassist.api.schema import ProblemSerializer


class ReleaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Owned[Release]):
    """Uploaded files, newest first."""

    required: ClassVar = {
        **dict.fromkeys(("list", "retrieve", "rows", "errors"), LOOKERS),
        "create": (ADD,),
        **dict.fromkeys(("preview", "confirm", "mark", "unmark"), WORKERS),
    }
    throttle_scope: ClassVar = {"create": "upload"}

    def get_queryset(self) -> QuerySet[Release]:
        return self.within_reach(Release.objects.select_related("weekly"))

    def get_serializer_class(self) -> type[ReleaseSerializer]:
        return ReleaseSerializer if self.action == "list" else ReleaseDetailSerializer

    @extend_schema(parameters=[ReleaseQuery])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Releases in reach of the caller, newest first."""
        return self.page(self.ask(ReleaseQuery).narrow(self.get_queryset()), ReleaseSerializer)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={202: ReleaseDetailSerializer, 200: ReleaseDetailSerializer},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Takes a file; a maintenance worker reads it. 200 when the caller uploaded it before."""
        form = UploadSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        with upload_refused():
            uploads.refuse_at_once(file.file)
        release, new = releases.receive(
            file.name, file.file, self.user, form.validated_data.get("mapping")
        )
        return self._located(
            ReleaseDetailSerializer(release).data, "release-detail", release.pk, new
        )

    @extend_schema(parameters=[RowQuery], responses=RowSerializer(many=True))
    @action(detail=True, pagination_class=PagesByNumber)
    def rows(self, request: Request, pk: str) -> Response:
        """The good rows as they were understood, in the order of the file."""
        rows = self.get_object().rows.all()
        return self.page(self.ask(RowQuery).narrow(rows), RowSerializer)

    @extend_schema(responses=RowErrorSerializer(many=True))
    @action(detail=True, pagination_class=PagesByNumber)
    def errors(self, request: Request, pk: str) -> Response:
        """Everything wrong with a row: its number, column, reason and what to do."""
        errors = self.get_object().errors.select_related("release")
        return self.page(errors, RowErrorSerializer)

    @extend_schema(
        request=OptionsSerializer,
        responses={200: PreviewSerializer, 409: ProblemSerializer, 422: ProblemSerializer},
    )
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str) -> Response:
        """What a job would do, cost and take. Nothing runs, and nothing is promised."""
        release, options = self.get_object(), self._options(request)
        with explained(release):
            return Response(PreviewSerializer(preview(release, options, self.user)).data)

    @extend_schema(
        request=ConfirmationSerializer,
        responses={
            **dict.fromkeys((202, 200), ConfirmedJobSerializer),
            **dict.fromkeys((429, 503), AdmissionProblemSerializer),
        },
    )
    @action(detail=True, methods=["post"])
    @idempotent
    def confirm(self, request: Request, pk: str) -> Response:
        """Starts the job. 200 when the same release has one with these options."""
        release = self.get_object()
        form = ConfirmationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        lane = Lane(form.validated_data["lane"])
        with explained(release):
            job, new = jobs.start(release, form.options, self.user, lane=lane)
        return self._located(_confirmed(job), "job-detail", job.pk, new)

    @extend_schema(
        request=OptionsSerializer,
        responses={200: ReleaseDetailSerializer, 409: ProblemSerializer, 422: ProblemSerializer},
    )
    @action(detail=True, methods=["put"], url_path="weekly")
    def mark(self, request: Request, pk: str) -> Response:
        """Marks the release for the weekly run, or changes what shall be written then."""
        release, options = self.get_object(), self._options(request)
        with explained(release):
            weekly.mark(release, options, self.user)
        return self._details(release)

    @extend_schema(request=None, responses={200: ReleaseDetailSerializer})
    @mark.mapping.delete
    def unmark(self, request: Request, pk: str) -> Response:
        """Takes the mark away. Jobs that a run has started go on."""
        release = self.get_object()
        weekly.unmark(release, self.user)
        return self._details(release)

    def _details(self, release: Release) -> Response:
        return Response(ReleaseDetailSerializer(Release.objects.get(pk=release.pk)).data)

    def _options(self, request: Request) -> jobs.Options:
        form = OptionsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return form.options

    def _located(self, data: Any, view: str, pk: int, new: bool) -> Response:
        code = status.HTTP_202_ACCEPTED if new else status.HTTP_200_OK
        location = reverse(view, args=[pk], request=self.request)
        return Response(data, code, headers={"Location": location})


def _confirmed(job: Job) -> dict[str, Any]:
    seconds = pace().seconds(waiting())
    eta = {"eta_seconds": None if seconds is None else round(seconds)}
    return dict(JobDetailSerializer(job).data) | eta
