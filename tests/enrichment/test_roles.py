"""Who reaches which jobs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User

from enrichment.models import Job
from enrichment.roles import ROLES, make_groups, within_reach
from tests.enrichment.factories import make_job

pytestmark = pytest.mark.django_db


def member(*roles: str) -> User:
    user = User.objects.create(username="-".join(roles) or "nobody")
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def reached(user: User, *, acting: bool) -> set[int]:
    rows = within_reach(Job.objects.all(), user, acting=acting)
    return set(rows.values_list("pk", flat=True))


def test_a_migration_makes_the_roles() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


def test_what_staff_changed_in_a_role_stays() -> None:
    group = Group.objects.get(name="viewer")
    group.permissions.clear()
    make_groups()
    assert not group.permissions.exists()


@pytest.mark.parametrize(
    ("roles", "looks_at_all", "acts_on_all"),
    [
        ([], False, False),
        (["viewer"], True, False),
        (["editor"], False, False),
        (["viewer", "editor"], True, False),
        (["operator"], True, True),
    ],
)
def test_a_role_reaches_its_own_or_everything(
    roles: list[str], looks_at_all: bool, acts_on_all: bool
) -> None:
    user = member(*roles)
    own, other = make_job(created_by=user).pk, make_job().pk
    everything = {own, other}
    assert reached(user, acting=False) == (everything if looks_at_all else {own})
    assert reached(user, acting=True) == (everything if acts_on_all else {own})
