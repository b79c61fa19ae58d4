"""What a collection of OpenSearch Serverless with vectors refuses, of both its generations.

After AWS's lists of operations and what others met; `docs/decisions.md` names the sources.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from local.opensearch.errors import Refused, illegal

SCOPE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/[\w-]+/aoss/aws4_request\b.*")


def check_signature(headers: Mapping[str, str], body: bytes) -> None:
    """Raises Denied for a request that is not signed for `aoss`, or with another body's hash."""
    if not SCOPE.fullmatch(headers.get("authorization", "")):
        raise Denied(403, "Forbidden")
    if headers.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        raise Denied(403, "Forbidden")


def check_id(id: str | None) -> None:
    """Raises Refused for a document that was given an id."""
    if id is not None:
        raise illegal("Document ID is not supported in create/index operation request")


def check_index(body: Mapping[str, Any]) -> None:
    """Raises Refused for a field of vectors that names its engine."""
    for field in (body.get("mappings") or {}).get("properties", {}).values():
        if "engine" in field.get("method", {}):
            raise illegal("Field parameter 'engine' is not supported")


def new_id() -> str:
    """In the form of theirs, which must not be unquoted."""
    return f"1%3A0%3A{uuid4().hex[:20]}"


class Denied(Refused):
    """An answer of the gateway in front of OpenSearch."""

    def __init__(self, status: int, kind: str) -> None:
        super().__init__(kind, f"{status} {kind.replace('NotFound', 'Not Found')}", status)

    def body(self) -> dict[str, Any]:
        error = {"reason": self.reason, "type": self.kind}
        return {"status": self.status, "request-id": str(uuid4()), "error": error}
