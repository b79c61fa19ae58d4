"""Requests are signed, and what an error means is said by its status."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary, Throttled
from mangaassist.search import indices
from mangaassist.search.client import of_status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Misconfigured),
        (403, Misconfigured),
        (404, Misconfigured),
        (413, Misconfigured),
        (429, Throttled),
        (500, Temporary),
        (503, Temporary),
    ],
)
def test_a_status_says_whether_another_try_helps(status: int, kind: type[Failure]) -> None:
    assert type(of_status(status, "a search failed")) is kind


def test_a_refused_role_is_told_what_it_lacks() -> None:
    assert "access policy of the collection" in of_status(403, "a search failed.").message


def test_requests_are_signed_for_a_collection_unless_told_otherwise() -> None:
    assert settings.OPENSEARCH_SERVICE == "aoss"


def test_a_collection_refuses_what_is_signed_for_a_domain(elsewhere: Any) -> None:
    elsewhere.OPENSEARCH_SERVICE = "es"
    with pytest.raises(Misconfigured, match="OPENSEARCH_SERVICE"):
        indices.searched()


def test_without_an_address_somebody_has_to_give_one(elsewhere: Any) -> None:
    elsewhere.OPENSEARCH_URL = ""
    with pytest.raises(Misconfigured, match=r"manage\.py provision"):
        indices.searched()
