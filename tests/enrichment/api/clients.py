"""Clients of the API in their roles."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from enrichment import staging
from enrichment.models import Release

CSV = "\ufeffid,titleJp\r\nA-1,猫\r\nA-2,犬\r\n"
RELEASES, JOBS = "/api/releases/", "/api/jobs/"

numbers = count(1)


class Client(APIClient):
    """A client with the token of a user of its own."""

    def __init__(self, *roles: str) -> None:
        self.member = User.objects.create(username=f"client-{next(numbers)}")
        self.member.groups.set(Group.objects.filter(name__in=roles))
        token = Token.objects.create(user=self.member)
        super().__init__(headers={"Authorization": f"Token {token.key}"})

    def upload(self, content: str | bytes = CSV, **fields: Any) -> Any:
        data = content if isinstance(content, bytes) else content.encode()
        form = {"file": SimpleUploadedFile("titles.csv", data), **fields}
        headers = {"Idempotency-Key": form.pop("key")} if "key" in form else {}
        return self.post(RELEASES, form, format="multipart", headers=headers)

    def release(self, content: str | bytes = CSV, **fields: Any) -> int:
        """The id of a release that was uploaded and read."""
        pk: int = self.upload(content, **fields).data["id"]
        read(pk)
        return pk

    def confirm(self, release: int, **options: Any) -> Any:
        return self.post(f"{RELEASES}{release}/confirm/", options, format="json")


def read(pk: int) -> Release:
    """Does what a maintenance worker does with a release."""
    claimed = staging.claim_here(pk)
    if claimed is not None:
        staging.stage(claimed)
    return Release.objects.get(pk=pk)
