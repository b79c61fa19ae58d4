"""The Claude and embedding models the simulator serves: what each accepts and how fast it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from local.bedrock.wire import BedrockError

GEOGRAPHY = re.compile(r"^(us|eu|jp|au|apac|global)\.")
UNKNOWN = "The provided model identifier is invalid."


@dataclass(frozen=True)
class Model:
    """One model. Latencies are seconds at speed 1."""

    id: str
    max_output: int  # tokens
    sampling: bool  # accepts temperature, top_p and top_k
    burndown: int  # tokens of the quota that one of output uses in the end
    first_token: float
    per_token: float

    @property
    def name(self) -> str:
        """The name inside a message, for example claude-3-haiku-20240307."""
        return self.id.removeprefix("anthropic.").removesuffix("-v1:0")


MODELS = {
    model.id: model
    for model in (
        Model("anthropic.claude-3-haiku-20240307-v1:0", 4_096, True, 1, 0.40, 0.008),
        Model("anthropic.claude-haiku-4-5-20251001-v1:0", 64_000, True, 5, 0.60, 0.006),
        Model("anthropic.claude-haiku-5-5", 128_000, False, 5, 0.45, 0.005),
        Model("anthropic.claude-3-sonnet-20240229-v1:0", 4_096, True, 1, 0.90, 0.015),
        Model("anthropic.claude-sonnet-4-6", 64_000, True, 5, 0.90, 0.010),
    )
}
TITAN = Model("amazon.titan-embed-text-v2:0", 0, False, 0, 0.05, 0.0)
COHERE = Model("cohere.embed-multilingual-v3", 0, False, 0, 0.08, 0.0)
EMBEDDING_MODELS = {model.id: model for model in (TITAN, COHERE)}
ENDED = ("anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-3-sonnet-20240229-v1:0")


def bare(model_id: str) -> str:
    """The foundation-model id, without an inference profile's geography."""
    return GEOGRAPHY.sub("", model_id)


class Catalogue:
    """The models on offer; those past their end of life are refused until that is lifted."""

    def __init__(self) -> None:
        self.ended = frozenset(ENDED)

    def end(self, model_ids: Iterable[str]) -> None:
        """Makes exactly these models ended ones. Raises ValueError for an unknown id."""
        ended = frozenset(model_ids)
        if unknown := sorted(ended - MODELS.keys()):
            raise ValueError(f"unknown models: {', '.join(unknown)}")
        self.ended = ended

    def find(self, model_id: str) -> Model:
        """Raises BedrockError for an unknown or ended model."""
        model = MODELS.get(bare(model_id))
        if model is None or model.id in self.ended:
            raise BedrockError("ValidationException", UNKNOWN)
        return model
