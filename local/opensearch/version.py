"""Versions of documents: what a write wishes, and the conflict when it comes too late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.opensearch.errors import Refused, illegal

INTERNAL, EXTERNAL, EXTERNAL_GTE = "internal", "external", "external_gte"
TYPES = (INTERNAL, EXTERNAL, EXTERNAL_GTE)


@dataclass(frozen=True)
class Wish:
    """What a write says of versions. create: only if there is no such document."""

    kind: str = INTERNAL
    version: int | None = None
    create: bool = False

    def next(self, id: str, current: int | None, *, exists: bool) -> int:
        """The version that the document then has. current: also of a deleted one.

        Raises Refused (409) when the write must not be.
        """
        if self.create and exists:
            raise _conflict(id, f"document already exists (current version [{current}])")
        if self.version is None:
            return (current or 0) + 1
        if current is not None:
            if self.kind == EXTERNAL and current >= self.version:
                raise _conflict(id, _newer(current, "higher or equal to", self.version))
            if self.kind == EXTERNAL_GTE and current > self.version:
                raise _conflict(id, _newer(current, "higher than", self.version))
        return self.version


def wish(options: Mapping[str, object], *, create: bool = False) -> Wish:
    """From the parameters of a request or of an item of a bulk. Raises Refused."""
    kind = str(options.get("version_type", INTERNAL))
    if kind not in TYPES:
        raise illegal(f"No version type match [{kind}]")
    given = options.get("version")
    if given is None:
        if kind != INTERNAL:
            raise _invalid(f"illegal version value [-3] for version type [{kind.upper()}]")
        return Wish(create=create)
    if kind == INTERNAL:
        raise _invalid(
            "internal versioning can not be used for optimistic concurrency control. Please use "
            "`if_seq_no` and `if_primary_term` instead"
        )
    if create:
        raise _invalid("create operations only support internal versioning. use index instead")
    return Wish(kind, int(str(given)))


def _newer(current: int, how: str, given: int) -> str:
    return f"current version [{current}] is {how} the one provided [{given}]"


def _conflict(id: str, what: str) -> Refused:
    return Refused(
        "version_conflict_engine_exception", f"[{id}]: version conflict, {what}", status=409
    )


def _invalid(what: str) -> Refused:
    return Refused("action_request_validation_exception", f"Validation Failed: 1: {what};")
