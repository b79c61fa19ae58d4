"""One index: its documents by id, and what is searched."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from local.opensearch.analysis import analyzers
from local.opensearch.errors import Refused, illegal
from local.opensearch.mapping import Fields

Json = dict[str, Any]
SETTINGS = {"analysis", "knn", "number_of_replicas", "number_of_shards", "refresh_interval"}
FEWEST_GONE = 1_000  # documents; with fewer, room for them is not worth the work of making it


@dataclass
class Document:
    """ordinal: its number in the inverted indexes.

    source: as it was written. told: the same without its vectors, which few answers have in them.
    """

    ordinal: int
    source: bytes
    told: Json


class Index:
    def __init__(self, name: str, uuid: str, declared: Mapping[str, Any]) -> None:
        """declared: the body of its creation. Raises Refused."""
        self.name = name
        self.uuid = uuid
        self.settings = _settings(declared.get("settings") or {})
        known = analyzers(self.settings.get("analysis", {}))
        self.fields = Fields(declared.get("mappings") or {}, known)
        self.documents: dict[str, Document] = {}
        self.ids: list[str] = []  # by ordinal
        self.made_at = time.time()
        self.lag = 0.0  # seconds until a document is found
        self._added_at = array("d")  # by ordinal, seconds since 1970
        self._gone: set[int] = set()  # ordinals

    @property
    def count(self) -> int:
        return len(self.documents)

    def live(self) -> np.ndarray:
        """Which ordinals are documents that are found already."""
        mask = self._added_before(time.time() - self.lag)
        mask[list(self._gone)] = False
        return mask

    def put(self, id: str, source: bytes) -> str:
        """Adds or replaces a document; returns which of both. Raises Refused."""
        parsed = _parsed(source)
        taken = self.fields.taken(parsed, id)
        replaced = self.delete(id)
        ordinal = len(self.ids)
        self.ids.append(id)
        self._added_at.append(time.time())
        for name, value in taken.items():
            if index := self.fields.known[name].index:
                index.add(ordinal, value)
        vectors = {name for name in taken if self.fields.known[name].kind == "knn_vector"}
        told = {name: value for name, value in parsed.items() if name not in vectors}
        self.documents[id] = Document(ordinal, source, told)
        return "updated" if replaced else "created"

    def delete(self, id: str) -> bool:
        """Whether there was such a document."""
        found = self.documents.pop(id, None)
        if found is None:
            return False
        self._gone.add(found.ordinal)
        if len(self._gone) > max(FEWEST_GONE, len(self.ids) // 2):
            self._renumber()
        return True

    def _added_before(self, instant: float) -> np.ndarray:
        return np.frombuffer(self._added_at, dtype=np.float64) <= instant

    def _renumber(self) -> None:
        """Makes room of documents that are gone."""
        stays = np.ones(len(self.ids), dtype=bool)
        stays[list(self._gone)] = False
        numbers = np.where(stays, np.cumsum(stays) - 1, -1)
        for field in self.fields.known.values():
            if field.index:
                field.index.renumber(numbers)
        left = np.flatnonzero(stays)
        self.ids = [self.ids[ordinal] for ordinal in left]
        self._added_at = array("d", (self._added_at[ordinal] for ordinal in left))
        self._gone = set()
        for ordinal, id in enumerate(self.ids):
            self.documents[id].ordinal = ordinal


def _parsed(source: bytes) -> Json:
    try:
        parsed = json.loads(source)
    except ValueError as error:
        raise Refused("mapper_parsing_exception", f"failed to parse: {error}") from None
    if not isinstance(parsed, dict):
        raise Refused("mapper_parsing_exception", "failed to parse: not an object")
    return parsed


def _settings(declared: Mapping[str, Any]) -> Json:
    """Settings without their prefix, nested ones flat but for the analysis. Raises Refused."""
    flat: Json = {}
    for name, value in declared.items():
        short = name.removeprefix("index.")
        flat |= _settings(value) if short == "index" else {short: value}
    for name in flat.keys() - SETTINGS:
        raise illegal(
            f"unknown setting [index.{name}] please check that any required plugins are installed, "
            "or check the breaking changes documentation for removed settings"
        )
    return flat
