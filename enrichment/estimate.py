"""What a job will cost and how long it will take, as a range. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import fmean, quantiles

from mangaassist.claude import Model
from mangaassist.tokens import SAFETY_MARGIN

LEAST_OBSERVED = 20  # items; fewer say too little about the next ones
UNOBSERVED_SHARES = (0.25, 0.5, 1.0)  # of the longest allowed answer, while nothing was observed


@dataclass(frozen=True)
class Range:
    """low: if all goes well; expected: as until now; high: if much goes badly."""

    low: float
    expected: float
    high: float

    def times(self, factor: float) -> Range:
        return Range(self.low * factor, self.expected * factor, self.high * factor)


class Fit(StrEnum):
    """Whether a job's budget is enough."""

    SURELY = "surely"  # also if much goes badly
    PROBABLY = "probably"  # if it goes as until now
    NOT = "not"  # the job will pause on the way


@dataclass(frozen=True)
class Observed:
    """What earlier items with the same options used: output tokens and calls of each."""

    output_tokens: Sequence[int]
    calls: Sequence[int]

    @property
    def enough(self) -> bool:
        return len(self.calls) >= LEAST_OBSERVED


def calls_per_item(observed: Observed) -> Range:
    """One call, and sometimes a second one that repairs the answer."""
    if not observed.enough:
        return Range(1.0, 1.0, 2.0)
    mean = fmean(observed.calls)
    return Range(1.0, mean, max(mean, float(max(observed.calls))))


def output_tokens(observed: Observed, most: int, calls: Range) -> Range:
    """Output tokens of one item. most: what one call may use at most."""
    if not observed.enough:
        low, expected, high = (share * most for share in UNOBSERVED_SHARES)
        return Range(low * calls.low, expected * calls.expected, high * calls.high)
    tenths = quantiles(observed.output_tokens, n=10)
    mean = fmean(observed.output_tokens)
    return Range(min(tenths[0], mean), mean, max(tenths[-1], mean))


def input_tokens(prompts: Sequence[float], calls: Range) -> Range:
    """Input tokens of one item. prompts: estimated tokens of sampled prompts, at least one."""
    mean = fmean(prompts)
    return Range(
        mean / SAFETY_MARGIN * calls.low,
        mean * calls.expected,
        mean * SAFETY_MARGIN * calls.high,
    )


def cost(model: Model, inputs: Range, outputs: Range) -> Range:
    """USD."""
    return Range(
        _usd(model, inputs.low, outputs.low),
        _usd(model, inputs.expected, outputs.expected),
        _usd(model, inputs.high, outputs.high),
    )


def fit(cost: Range, budget: Decimal) -> Fit:
    if cost.high <= budget:
        return Fit.SURELY
    return Fit.PROBABLY if cost.expected <= budget else Fit.NOT


def _usd(model: Model, input_tokens: float, output_tokens: float) -> float:
    return float(model.cost(round(input_tokens), round(output_tokens)))
