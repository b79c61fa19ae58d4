"""Embeddings of the Titan and Cohere models: like texts are near, and those about the same.

A stand-in of what a model understands: hashed character n-grams, and hashed themes by their words.
"""

from __future__ import annotations

import json
import math
import unicodedata
from binascii import crc32
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from local.bedrock import tokens
from local.bedrock.models import COHERE, TITAN, Model
from local.bedrock.themes import themes
from local.bedrock.validation import refuse

TITAN_FIELDS = {"inputText", "dimensions", "normalize", "embeddingTypes"}
TITAN_DIMENSIONS = (256, 512, 1_024)
TITAN_LONGEST = 50_000  # characters
COHERE_FIELDS = {"texts", "input_type", "truncate", "embedding_types"}
COHERE_DIMENSIONS = 1_024
COHERE_MOST = 96  # texts
INPUT_TYPES = ("search_document", "search_query", "classification", "clustering")
GRAMS = (1, 2, 3)  # characters
OF_THEMES = 0.75  # how much of a text with themes they are; the rest is its letters
DIRECTIONS = 16  # dimensions that one theme has a part in


@dataclass(frozen=True)
class Request:
    """A valid request; Titan's has one text."""

    model: Model
    texts: list[str]
    dimensions: int

    @property
    def input_tokens(self) -> int:
        return sum(map(tokens.count, self.texts))

    def answer(self, request_id: str) -> dict[str, Any]:
        vectors = [vector(text, self.dimensions) for text in self.texts]
        if self.model is TITAN:
            return {
                "embedding": vectors[0],
                "embeddingsByType": {"float": vectors[0]},
                "inputTextTokenCount": self.input_tokens,
            }
        return {
            "id": request_id,
            "texts": self.texts,
            "embeddings": vectors,
            "response_type": "embeddings_floats",
        }


def parse(body: bytes, model: Model) -> Request:
    """Raises BedrockError (ValidationException) for a body the model would refuse."""
    try:
        fields = json.loads(body)
    except ValueError:
        refuse("Malformed input request, please reformat your input and try again.")
    known = TITAN_FIELDS if model is TITAN else COHERE_FIELDS
    if not isinstance(fields, dict) or fields.keys() - known:
        refuse("Malformed input request: extraneous key is not permitted")
    return _titan(fields) if model is TITAN else _cohere(fields)


def vector(text: str, dimensions: int) -> list[float]:
    """A unit vector, always the same for the same text."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    letters = _hashed(
        (folded[start : start + size] for size in GRAMS for start in range(len(folded) - size + 1)),
        dimensions,
    )
    about = themes(folded)
    if not about:
        return letters
    meaning = _hashed((f"{theme}/{n}" for theme in about for n in range(DIRECTIONS)), dimensions)
    shares = math.sqrt(1 - OF_THEMES), math.sqrt(OF_THEMES)
    return _unit(
        [shares[0] * one + shares[1] * other for one, other in zip(letters, meaning, strict=True)]
    )


def _hashed(parts: Iterable[str], dimensions: int) -> list[float]:
    """A unit vector to which each part adds in one dimension, up or down."""
    sums = [0.0] * dimensions
    for part in parts:
        hashed = crc32(part.encode(errors="replace"))
        sums[(hashed >> 1) % dimensions] += 1.0 if hashed & 1 else -1.0
    return _unit(sums)


def _unit(vector: Sequence[float]) -> list[float]:
    length = math.hypot(*vector)
    return [value / length for value in vector] if length else [1.0, *vector[1:]]


def _titan(fields: dict[str, Any]) -> Request:
    text, dimensions = fields.get("inputText"), fields.get("dimensions", COHERE_DIMENSIONS)
    if not isinstance(text, str) or not 0 < len(text) <= TITAN_LONGEST:
        refuse(f"inputText: expected minLength: 1, maxLength: {TITAN_LONGEST}")
    if dimensions not in TITAN_DIMENSIONS:
        refuse(f"dimensions: {dimensions!r} is not one of {TITAN_DIMENSIONS}")
    if fields.get("normalize", True) is not True:
        refuse("normalize: only true is simulated")
    if fields.get("embeddingTypes", ["float"]) != ["float"]:
        refuse("embeddingTypes: only float is simulated")
    return Request(TITAN, [text], dimensions)


def _cohere(fields: dict[str, Any]) -> Request:
    texts = fields.get("texts")
    if not isinstance(texts, list) or not 0 < len(texts) <= COHERE_MOST:
        refuse(f"texts: expected minItems: 1, maxItems: {COHERE_MOST}")
    if not all(isinstance(text, str) and text for text in texts):
        refuse("texts: expected strings with minLength: 1")
    if fields.get("input_type") not in INPUT_TYPES:
        refuse(f"input_type: is required, one of {INPUT_TYPES}")
    if fields.get("truncate", "NONE") not in ("NONE", "START", "END"):
        refuse("truncate: is not one of NONE, START, END")
    if "embedding_types" in fields:
        refuse("embedding_types: is not simulated; without it the answer has floats")
    return Request(COHERE, texts, COHERE_DIMENSIONS)
