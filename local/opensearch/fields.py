"""Fields of a mapping: what each kind takes, and how it is indexed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from local.opensearch.analysis import Analyzer
from local.opensearch.errors import Refused, illegal, unparsable
from local.opensearch.postings import Postings
from local.opensearch.vectors import SCORES, Vectors

Json = Mapping[str, Any]
MOST_DIMENSIONS = 16_000
KNOWN = {
    "keyword": {"type", "index", "doc_values"},
    "knn_vector": {"type", "dimension", "method", "space_type"},
    "long": {"type", "index", "doc_values"},
    "text": {"type", "analyzer", "search_analyzer"},
}


@dataclass(frozen=True)
class Field:
    """One field of a mapping. index: None if nothing can be found by it."""

    name: str
    declared: Json
    index: Postings | Vectors | None
    analyzer: Analyzer | None = None
    search_analyzer: Analyzer | None = None

    @property
    def kind(self) -> str:
        return str(self.declared["type"])

    def taken(self, value: Any, id: str) -> Any:
        """A value as it is indexed: terms, or a vector. Raises Refused for one that cannot be."""
        try:
            if isinstance(self.index, Vectors):
                return _vector(value, self.index)
            return self._terms(value)
        except Refused as cause:
            raise unparsable(
                f"failed to parse field [{self.name}] of type [{self.kind}] in document with id "
                f"'{id}'. Preview of field's value: '{value}'",
                cause,
            ) from None

    def _terms(self, value: Any) -> list[str]:
        texts = [text(one) for one in (value if isinstance(value, list) else [value])]
        analyze = self.analyzer
        return [term for one in texts for term in analyze(one)] if analyze else texts


def make(name: str, declared: Json, analyzers: Mapping[str, Analyzer]) -> Field:
    """A field as a mapping declares it. Raises Refused."""
    kind = declared.get("type", "object")
    if kind not in KNOWN:
        raise unparsable(f"No handler for type [{kind}] declared on field [{name}]")
    for option in declared.keys() - KNOWN[kind]:
        raise unparsable(f"unknown parameter [{option}] on mapper [{name}] of type [{kind}]")
    match kind:
        case "text":
            analyzer = _analyzer(declared.get("analyzer", "standard"), analyzers)
            searching = _analyzer(declared.get("search_analyzer", analyzer.name), analyzers)
            return Field(name, declared, Postings(norms=True), analyzer, searching)
        case "keyword" | "long":
            found = declared.get("index", True)
            return Field(name, declared, Postings(norms=False) if found else None)
        case _:
            return Field(name, declared, _vectors(name, declared))


def text(value: Any) -> str:
    """A value of JSON as a term. Raises Refused."""
    if isinstance(value, dict | list):
        raise Refused("illegal_state_exception", "Can't get text on a START_OBJECT")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _vectors(name: str, declared: Json) -> Vectors:
    dimension = declared.get("dimension")
    if not isinstance(dimension, int):
        raise unparsable(f"Dimension value missing for vector: {name}")
    if not 0 < dimension <= MOST_DIMENSIONS:
        raise unparsable(
            f"Dimension value must be greater than 0 and at most {MOST_DIMENSIONS} for: {name}"
        )
    space = declared.get("space_type") or declared.get("method", {}).get("space_type", "l2")
    if space not in SCORES:
        raise unparsable(f"Invalid space type: [{space}]")
    return Vectors(dimension, space)


def _analyzer(name: str, known: Mapping[str, Analyzer]) -> Analyzer:
    if name not in known:
        raise unparsable(f"analyzer [{name}] has not been configured in mappings")
    return known[name]


def _vector(value: Any, vectors: Vectors) -> np.ndarray:
    numbers = np.array(value if isinstance(value, list) else None)
    if numbers.ndim != 1 or numbers.dtype.kind not in "fiu":
        raise illegal("Vector is not an array of numbers")
    if len(numbers) != vectors.dimension:
        raise illegal(
            f"Vector dimension mismatch. Expected: {vectors.dimension}, Given: {len(numbers)}"
        )
    if not np.isfinite(numbers).all():
        raise illegal("KNN vector values cannot be NaN or infinity")
    if vectors.space == "cosinesimil" and not numbers.any():
        raise illegal("zero vector is not supported when space type is [cosinesimil]")
    return numbers
