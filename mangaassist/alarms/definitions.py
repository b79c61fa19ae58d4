"""What an alarm is: frozen values, as the file describes them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mangaassist.alarms.expression import Expression
from mangaassist.messages import Texts
from mangaassist.metrics.registry import Kind


class Severity(StrEnum):
    """Who must look: somebody now, or somebody today."""

    CRITICAL = "critical"
    WARNING = "warning"


class State(StrEnum):
    """What an alarm says, in CloudWatch's words."""

    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"
    OK = "OK"


class Statistic(StrEnum):
    """What is made of all values in one window."""

    SUM = "Sum"
    AVERAGE = "Average"
    MAXIMUM = "Maximum"
    MINIMUM = "Minimum"
    P95 = "p95"
    SAMPLE_COUNT = "SampleCount"


OF_KIND = {  # which statistics mean something
    Kind.COUNTER: {Statistic.SUM},
    Kind.GAUGE: {Statistic.AVERAGE, Statistic.MAXIMUM, Statistic.MINIMUM},
    Kind.DISTRIBUTION: set(Statistic),
}


class Comparison(StrEnum):
    """How a value is compared with the threshold to ring."""

    OVER = ">"
    AT_LEAST = ">="
    UNDER = "<"
    AT_MOST = "<="

    def holds(self, value: float, threshold: float) -> bool:
        return _COMPARE[self](value, threshold)


_COMPARE: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.OVER: operator.gt,
    Comparison.AT_LEAST: operator.ge,
    Comparison.UNDER: operator.lt,
    Comparison.AT_MOST: operator.le,
}


class Missing(StrEnum):
    """What a window without a value means, in CloudWatch's words."""

    MISSING = "missing"  # nothing; without any value there is INSUFFICIENT_DATA
    IGNORE = "ignore"  # without any value the state stays
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


class Cause(StrEnum):
    """Where the reason is written down that a notification tells."""

    BLOCKED_POOL = "blocked_pool"


@dataclass(frozen=True)
class Series:
    """One metric as an alarm looks at it; dimensions that are not named are added up."""

    metric: str
    statistic: Statistic
    dimensions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Alarm:
    """One alarm of one subject.

    threshold: beyond it a window breaches. clear: beyond it a window still breaches once the alarm
    rings, so that a value on the edge does not ring again and again. period: seconds of a window.
    breaches of windows: how many of the last windows must breach.
    """

    kind: str  # its name in the file and in the runbook
    subject: str  # the pool, queue, model, … it is about; empty when there is only one
    severity: Severity
    title: Texts
    meaning: Texts
    metrics: tuple[tuple[str, Series], ...]  # by the name that expressions use
    steps: tuple[tuple[str, Expression], ...]  # intermediate results, each may use those before
    expression: Expression
    comparison: Comparison
    threshold: float
    clear: float
    period: int
    breaches: int
    windows: int
    missing: Missing
    look: str  # the first command of whoever is called
    cause: Cause | None

    @property
    def name(self) -> str:
        """Unique among all alarms, and a name that CloudWatch takes."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind
