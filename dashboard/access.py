"""Who may look at the dashboard, and who may act on a job of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import permission_required

from enrichment.models import Job
from enrichment.roles import ACT, ADD, LOOK, within_reach

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

looking = permission_required(LOOK, raise_exception=True)


def may_act(user: User | AnonymousUser, job: Job) -> bool:
    """Operators may on all jobs, editors on their own, as over the API."""
    if not (user.has_perm(ADD) or user.has_perm(ACT)):
        return False
    return within_reach(Job.objects.filter(pk=job.pk), user, acting=True).exists()
