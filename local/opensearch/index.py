"""One index: its documents by id with their versions, and what is searched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from local.opensearch.analysis import analyzers
from local.opensearch.errors import Refused, illegal
from local.opensearch.mapping import Fields
from local.opensearch.version import Wish

Json = dict[str, Any]
SETTINGS = {"analysis", "knn", "number_of_replicas", "number_of_shards", "refresh_interval"}
FEWEST_GONE = 1_000  # documents; with fewer, room for them is not worth the work of making it


@dataclass
class Document:
    """ordinal: its number in the inverted indexes, -1 for a deleted one.

    source: as it was written. told: the same without its vectors, which few answers have in them.
    """

    ordinal: int
    source: bytes
    told: Json
    version: int
    seq_no: int = -1


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
        self._gone: set[int] = set()  # ordinals
        self._seq_no = -1

    @property
    def count(self) -> int:
        return len(self.ids) - len(self._gone)

    def live(self) -> np.ndarray:
        """Which ordinals are documents."""
        mask = np.ones(len(self.ids), dtype=bool)
        mask[list(self._gone)] = False
        return mask

    def get(self, id: str) -> Document | None:
        found = self.documents.get(id)
        return found if found and found.ordinal >= 0 else None

    def put(self, id: str, source: bytes, wish: Wish) -> tuple[str, Document]:
        """Adds or replaces a document; returns which of both. Raises Refused."""
        parsed = _parsed(source)
        old = self.documents.get(id)
        version = wish.next(id, old.version if old else None, exists=self.get(id) is not None)
        taken = self.fields.taken(parsed, id)
        result = "updated" if self.get(id) else "created"
        self._remove(id)
        ordinal = len(self.ids)
        self.ids.append(id)
        for name, value in taken.items():
            if index := self.fields.known[name].index:
                index.add(ordinal, value)
        vectors = {name for name in taken if self.fields.known[name].kind == "knn_vector"}
        told = {name: value for name, value in parsed.items() if name not in vectors}
        return result, self._keep(id, Document(ordinal, source, told, version))

    def delete(self, id: str, wish: Wish) -> tuple[str, Document]:
        """Its version is kept, so that an older write does not bring it back. Raises Refused."""
        old = self.documents.get(id)
        version = wish.next(id, old.version if old else None, exists=True)
        result = "deleted" if self.get(id) else "not_found"
        self._remove(id)
        return result, self._keep(id, Document(-1, b"", {}, version))

    def _keep(self, id: str, document: Document) -> Document:
        self._seq_no += 1
        document.seq_no = self._seq_no
        self.documents[id] = document
        return document

    def _remove(self, id: str) -> None:
        found = self.get(id)
        if found:
            self._gone.add(found.ordinal)
            found.ordinal = -1
        if len(self._gone) > max(FEWEST_GONE, len(self.ids) // 2):
            self._renumber()

    def _renumber(self) -> None:
        """Makes room of documents that are gone."""
        live = self.live()
        numbers = np.where(live, np.cumsum(live) - 1, -1)
        for field in self.fields.known.values():
            if field.index:
                field.index.renumber(numbers)
        self.ids = [self.ids[ordinal] for ordinal in np.flatnonzero(live)]
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
