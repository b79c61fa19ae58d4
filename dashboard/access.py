"""Who may look at the dashboard, who may act on a job of it, and who on everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import permission_required, user_passes_test
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from enrichment.models import Job
from enrichment.roles import ACT, ADD, LOOK, within_reach

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

looking = permission_required(LOOK, raise_exception=True)
operating = permission_required(ACT, raise_exception=True)
uploading = permission_required(ADD, raise_exception=True)


def _may_enter(user: User | AnonymousUser) -> bool:
    if any(user.has_perm(permission) for permission in (LOOK, ADD, ACT)):
        return True
    raise PermissionDenied


entering = user_passes_test(_may_enter)  # pages on which editors see what is their own


def operates(request: HttpRequest) -> bool:
    return request.user.has_perm(ACT)


def actor(request: HttpRequest) -> User:
    """Who acts, for the audit trail. Raises PermissionDenied for nobody."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def may_act(user: User | AnonymousUser, job: Job) -> bool:
    """Operators may on all jobs, editors on their own, as over the API."""
    if not (user.has_perm(ADD) or user.has_perm(ACT)):
        return False
    return within_reach(Job.objects.filter(pk=job.pk), user, acting=True).exists()
