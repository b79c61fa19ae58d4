"""Staff in their roles, in the browser of a test."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client


@pytest.fixture
def operator(client: Client, db: None) -> User:
    """Somebody who may look at and act on everything; the client is theirs."""
    return login(client, "operator")


@pytest.fixture
def as_operator(client: Client, operator: User) -> Client:
    """The browser of such a person."""
    return client


@pytest.fixture
def viewer(client: Client, db: None) -> User:
    """Somebody who may look; the client is theirs."""
    return login(client, "viewer")


def login(client: Client, role: str) -> User:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user
