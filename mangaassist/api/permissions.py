"""Who may do what: nobody anything, unless a view says which permission each action needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

# Of any view: DRF's own type would import the views, which import this module.
View = Any


class Denied(BasePermission):
    """The default: a view that declares nothing lets nobody in."""

    def has_permission(self, request: Request, view: View) -> bool:
        return False


class May(BasePermission):
    """Lets in who has the Django permission that the view's table `required` names for the action.

    required: action of a view set, or method in lower case of another view → permissions, such as
    `enrichment.view_job`, any of which is enough. What the table does not name is denied to all.
    """

    def has_permission(self, request: Request, view: View) -> bool:
        if not request.user.is_authenticated:
            return False
        if not hasattr(view, str(request.method).lower()):
            return True  # Nothing is there to protect: the view answers 405.
        required: Mapping[str, Sequence[str]] = getattr(view, "required", {})
        return any(map(request.user.has_perm, required.get(action_of(request, view), ())))


def action_of(request: Request, view: View) -> str:
    """The action of a view set, the method in lower case of another view."""
    return str(getattr(view, "action", None) or request.method).lower()
