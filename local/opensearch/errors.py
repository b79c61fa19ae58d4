"""Refusals in the shape in which OpenSearch answers them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """An error that OpenSearch answers with.

    kind: its name there, such as index_not_found_exception. details: what else it tells.
    """

    def __init__(
        self,
        kind: str,
        reason: str,
        status: int = 400,
        *,
        cause: Refused | None = None,
        details: Json | None = None,
    ) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason
        self.status = status
        self.cause = cause
        self.details = details or {}

    def told(self) -> Json:
        """The error itself, as it is in an item of a bulk answer."""
        told: Json = {"type": self.kind, "reason": self.reason, **self.details}
        if self.cause:
            told["caused_by"] = self.cause.told()
        return told

    def body(self) -> Json:
        """The body of a whole answer."""
        root = {"type": self.kind, "reason": self.reason, **self.details}
        return {"error": {"root_cause": [root], **self.told()}, "status": self.status}


class SearchFailed(Refused):
    """A query that the index cannot answer, which every shard refuses alike."""

    def __init__(self, index: str, failure: Refused) -> None:
        super().__init__("search_phase_execution_exception", "all shards failed", failure.status)
        self.index = index
        self.failure = failure

    def body(self) -> Json:
        failed = self.failure.told() | {"index": self.index}
        shard = {"shard": 0, "index": self.index, "reason": failed}
        error = self.told() | {"phase": "query", "grouped": True, "failed_shards": [shard]}
        return {"error": {"root_cause": [failed], **error}, "status": self.status}


def illegal(reason: str) -> Refused:
    return Refused("illegal_argument_exception", reason)


def unparsable(reason: str, cause: Refused | None = None) -> Refused:
    """Of a mapping, or of a document that does not fit it."""
    return Refused("mapper_parsing_exception", reason, cause=cause)


def no_index(name: str) -> Refused:
    details = {
        "index": name,
        "index_uuid": "_na_",
        "resource.id": name,
        "resource.type": "index_or_alias",
    }
    return Refused(
        "index_not_found_exception", f"no such index [{name}]", status=404, details=details
    )


def not_simulated(what: str) -> Refused:
    """Of what OpenSearch has and the stand-in lacks, so that nobody takes it for OpenSearch's."""
    return Refused("not_simulated", f"The stand-in does not know {what}.", status=501)
