"""How long an answer takes: distributions that turn token counts into a pace of writing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from local.bedrock.models import EMBEDDING_MODELS, MODELS, Model, bare

FIRST_TOKEN_SHARE = 0.25  # of a total time, the part before the first token
P95_SIGMAS = 1.6449  # standard deviations from the median to the 95th percentile
PER_INPUT_TOKEN = 0.00005  # seconds


@dataclass(frozen=True)
class Pace:
    """Seconds from the start to the first token, and from one token to the next."""

    first: float
    per_token: float

    def due(self, tokens: int) -> float:
        """When so many tokens are written, in seconds from the start."""
        return self.first + self.per_token * tokens


class Distribution(Protocol):
    def pace(self, input_tokens: int, output_tokens: int, random: Random) -> Pace: ...


@dataclass(frozen=True)
class Fixed:
    """Every answer takes the same total time."""

    seconds: float

    def pace(self, input_tokens: int, output_tokens: int, random: Random) -> Pace:
        return _spread(self.seconds, output_tokens)


@dataclass(frozen=True)
class Lognormal:
    """Total times with a long tail."""

    median: float
    p95: float

    def pace(self, input_tokens: int, output_tokens: int, random: Random) -> Pace:
        sigma = math.log(self.p95 / self.median) / P95_SIGMAS
        return _spread(random.lognormvariate(math.log(self.median), sigma), output_tokens)


@dataclass(frozen=True)
class PerToken:
    """Time that grows with what is read and written."""

    first_token: float
    per_token: float
    per_input_token: float = 0.0

    def pace(self, input_tokens: int, output_tokens: int, random: Random) -> Pace:
        return Pace(self.first_token + self.per_input_token * input_tokens, self.per_token)


class Latency:
    """The distribution in force for each model; `speed` divides the models' own times alone."""

    def __init__(self, speed: float) -> None:
        self._own = {
            model.id: PerToken(
                model.first_token / speed, model.per_token / speed, PER_INPUT_TOKEN / speed
            )
            for model in (MODELS | EMBEDDING_MODELS).values()
        }
        self.reset()

    def reset(self) -> None:
        self._by_model: dict[str, Distribution] = dict(self._own)
        self._random = Random(0)

    def set(self, distribution: Distribution, model_id: str | None) -> None:
        """Sets it for one model or all. Raises ValueError for an unknown model."""
        if model_id is None:
            self._by_model = dict.fromkeys(self._by_model, distribution)
            return
        if bare(model_id) not in self._by_model:
            raise ValueError(f"unknown model: {model_id}")
        self._by_model[bare(model_id)] = distribution

    def pace(self, model: Model, input_tokens: int, output_tokens: int) -> Pace:
        return self._by_model[model.id].pace(input_tokens, output_tokens, self._random)


def parse(settings: Mapping[str, Any]) -> Distribution:
    """Reads {"fixed": s}, {"lognormal": {"median", "p95"}} or {"first_token", "per_token", …}.

    Raises ValueError for anything else.
    """
    try:
        if "fixed" in settings:
            return Fixed(float(settings["fixed"]))
        if "lognormal" in settings:
            shape = settings["lognormal"]
            return Lognormal(float(shape["median"]), float(shape["p95"]))
        return PerToken(**{name: float(settings[name]) for name in settings})
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a latency: {dict(settings)!r}") from error


def _spread(seconds: float, tokens: int) -> Pace:
    first = seconds * FIRST_TOKEN_SHARE
    return Pace(first, (seconds - first) / max(tokens, 1))
