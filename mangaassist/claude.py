"""The Claude models as data: identity, prices, limits, capabilities and end of life on Bedrock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

GEOGRAPHY = re.compile(r"^(us|eu|jp|au|apac|global)\.")


@dataclass(frozen=True)
class Model:
    """One model. Prices are USD per million tokens."""

    id: str  # the bare foundation-model id, without an inference profile's geography
    tier: str  # haiku or sonnet
    input_price: Decimal
    output_price: Decimal
    max_output: int  # tokens
    sampling: bool  # accepts `temperature`
    burndown: int  # tokens of the quota that one of output uses in the end
    end_of_life: date | None = None  # requests fail from this day on
    successor: str | None = None

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """USD for one call."""
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1_000_000

    def quota_tokens(self, input_tokens: int, output_tokens: int) -> int:
        """What one call used of the quota of tokens a minute."""
        return input_tokens + output_tokens * self.burndown

    def ended(self, today: date) -> bool:
        return self.end_of_life is not None and today >= self.end_of_life


def _model(id: str, tier: str, prices: str, max_output: int, sampling: bool, burndown: int,
           end_of_life: str = "", successor: str | None = None) -> Model:  # fmt: skip
    price_in, price_out = map(Decimal, prices.split("/"))
    ends = date.fromisoformat(end_of_life) if end_of_life else None
    return Model(id, tier, price_in, price_out, max_output, sampling, burndown, ends, successor)


HAIKU_3 = "anthropic.claude-3-haiku-20240307-v1:0"
HAIKU_45 = "anthropic.claude-haiku-4-5-20251001-v1:0"
HAIKU_55 = "anthropic.claude-haiku-5-5"
SONNET_3 = "anthropic.claude-3-sonnet-20240229-v1:0"
SONNET_46 = "anthropic.claude-sonnet-4-6"

MODELS = {
    model.id: model
    for model in (
        _model(HAIKU_3, "haiku", "0.25/1.25", 4_096, True, 1, "2026-09-10", HAIKU_45),
        _model(HAIKU_45, "haiku", "1/5", 64_000, True, 5, successor=HAIKU_55),
        _model(HAIKU_55, "haiku", "0.10/0.50", 128_000, False, 5),
        _model(SONNET_3, "sonnet", "3/15", 4_096, True, 1, "2026-01-31", SONNET_46),
        _model(SONNET_46, "sonnet", "3/15", 64_000, True, 5),
    )
}


def find(model_id: str) -> Model:
    """The model behind a foundation-model or inference-profile id. Raises KeyError if unknown."""
    return MODELS[GEOGRAPHY.sub("", model_id)]
