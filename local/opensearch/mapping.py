"""A mapping: the fields of an index, and what they take from a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.opensearch import fields
from local.opensearch.analysis import Analyzer
from local.opensearch.errors import Refused, illegal, not_simulated, unparsable
from local.opensearch.fields import Field

Json = Mapping[str, Any]
KNOWN = {"dynamic", "properties", "_meta"}


class Fields:
    """The fields of an index by their names."""

    def __init__(self, declared: Json, analyzers: Mapping[str, Analyzer]) -> None:
        """declared: the mappings part of an index. Raises Refused."""
        self._analyzers = analyzers
        self.declared: dict[str, Any] = {}
        self.known: dict[str, Field] = {}
        self.extend(declared)

    def extend(self, declared: Json) -> None:
        """Adds fields; those that are there cannot be declared otherwise. Raises Refused."""
        try:
            made = self._made(declared)
        except Refused as cause:
            reason = f"Failed to parse mapping [_doc]: {cause.reason}"
            raise unparsable(reason, cause) from None
        for name, field in made.items():
            if name in self.known and self.known[name].declared != field.declared:
                raise illegal(f"Mapper for [{name}] conflicts with existing mapper")
        self.known = made | self.known
        properties = {**self.declared.get("properties", {}), **declared.get("properties", {})}
        self.declared |= declared
        self.declared["properties"] = properties

    def taken(self, source: Json, id: str) -> dict[str, Any]:
        """What each field takes from a document, by its name. Raises Refused."""
        return {
            name: self.known[name].taken(value, id)
            for name, value in source.items()
            if value is not None and self._knows(name)
        }

    def _knows(self, name: str) -> bool:
        if name in self.known:
            return True
        match str(self.declared.get("dynamic", "true")).lower():
            case "strict":
                raise Refused(
                    "strict_dynamic_mapping_exception",
                    f"mapping set to strict, dynamic introduction of [{name}] within [_doc] is not "
                    "allowed",
                )
            case "false":
                return False
        raise not_simulated(f"how to guess the type of [{name}]")

    def _made(self, declared: Json) -> dict[str, Field]:
        for name in declared.keys() - KNOWN:
            raise unparsable(
                f"Root mapping definition has unsupported parameters:  [{name} : {declared[name]}]"
            )
        properties = declared.get("properties", {})
        return {name: fields.make(name, properties[name], self._analyzers) for name in properties}
