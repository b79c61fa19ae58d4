"""The roles of people and programs, as groups with Django permissions.

viewer: looks at every release, job and alarm. editor: uploads, and works on what is their own.
operator: looks at and works on everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, Q, QuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

LOOK = "enrichment.view_job"
ADD = "enrichment.add_job"
ACT = "enrichment.change_job"
MODELS = ("release", "rowerror", "weeklymark", "title", "job", "item", "scheduledrun")
SEEN = ("alarmstate", "alarmevent")  # beside them, by roles that look at everything
ROLES = {
    "viewer": ("view",),
    "editor": ("add",),
    "operator": ("view", "add", "change"),
}

M = TypeVar("M", bound=Model)


def make_groups(**_: Any) -> None:
    """Makes the groups that are missing, after a migration; what staff changed in one stays."""
    from django.contrib.auth.models import Group, Permission

    for role, actions in ROLES.items():
        group, new = Group.objects.get_or_create(name=role)
        if new:
            names = [f"{action}_{model}" for action in actions for model in MODELS]
            if "view" in actions:
                names += [f"view_{model}" for model in SEEN]
            permissions = Permission.objects.filter(
                content_type__app_label__in=("enrichment", "mangaassist"), codename__in=names
            )
            group.permissions.set(permissions)


def within_reach(rows: QuerySet[M], user: User | AnonymousUser, *, acting: bool) -> QuerySet[M]:
    """The releases or jobs that a user may look at, or act on: all of them, or their own.

    A job belongs to whoever started it, and to the owner of its release.
    """
    if user.has_perm(ACT if acting else LOOK):
        return rows
    own = Q(created_by=user.pk)
    if rows.model._meta.model_name == "job":
        own |= Q(release__created_by=user.pk)
    return rows.filter(own)
