"""The REST endpoints of jobs: create, list, detail, cancel, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db.models import QuerySet
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from enrichment import jobs, releases
from enrichment.jobs import NothingToEnrich, TooMuchWaiting
from enrichment.models import Job
from enrichment.serializers import (
    JobDetailSerializer,
    JobRequestSerializer,
    JobSerializer,
    RetryRequestSerializer,
    row_errors,
)
from enrichment.uploads import ReleaseError

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class JobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Job]):
    """Jobs, newest first. Nothing here waits for SQS or Bedrock: the keeper sends the items."""

    permission_classes = (IsAdminUser,)
    parser_classes = (MultiPartParser, FormParser, JSONParser)

    def get_queryset(self) -> QuerySet[Job]:
        return Job.objects.select_related("release").order_by("-pk")

    def get_serializer_class(self) -> type[BaseSerializer[Job]]:
        return JobSerializer if self.action == "list" else JobDetailSerializer

    def create(self, request: Request) -> Response:
        """202 with a new job, or 200 with the one that this file and these options already have."""
        form = JobRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wish = form.validated_data
        user = cast("User", request.user)  # The permission class lets nobody else in.
        try:
            release = releases.take(wish["file"].name, wish["file"], user)
            job, new = jobs.start(release, wish["kinds"], wish["languages"], user)
        except ReleaseError as error:
            return _refused(error)
        except NothingToEnrich as error:
            return _refused(error, row_errors=row_errors(release))
        except TooMuchWaiting as error:
            return _too_much(error)
        return self._answer(job, status.HTTP_202_ACCEPTED if new else status.HTTP_200_OK)

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Withdraws what has not run; `changed` tells how many items."""
        job = self.get_object()
        return self._answer(job, changed=jobs.cancel(job.pk))

    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str | None = None) -> Response:
        """Tries failed items again, all or the named ones; `changed` tells how many."""
        job = self.get_object()
        form = RetryRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return self._answer(job, changed=jobs.retry(job.pk, form.validated_data.get("items")))

    def _answer(self, job: Job, code: int = status.HTTP_200_OK, **extra: Any) -> Response:
        job.refresh_from_db()
        return Response(JobDetailSerializer(job).data | extra, code)


def _refused(error: ReleaseError | NothingToEnrich, **extra: Any) -> Response:
    """400 with the sentence in Japanese and in English: a client may show it to anybody."""
    sentences = [error.text("ja"), error.text("en")]
    return Response({"file": sentences} | extra, status.HTTP_400_BAD_REQUEST)


def _too_much(error: TooMuchWaiting) -> Response:
    """429: the same file is welcome later."""
    seconds = str(round(error.refusal.retry_after.total_seconds()))
    sentences = [error.text("ja"), error.text("en")]
    return Response(
        {"file": sentences}, status.HTTP_429_TOO_MANY_REQUESTS, headers={"Retry-After": seconds}
    )
