"""Reads alarms.yaml into frozen values, strictly."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from mangaassist.alarms.definitions import (
    OF_KIND,
    Alarm,
    Cause,
    Comparison,
    Missing,
    Series,
    Severity,
    Statistic,
)
from mangaassist.alarms.expression import NAME, BadExpression, Expression, parse
from mangaassist.alarms.fields import BadFile, Fields, load
from mangaassist.alarms.subjects import Subjects, subjects
from mangaassist.messages import Texts
from mangaassist.metrics import DEFINED

FILE = Path(__file__).with_name("alarms.yaml")
EACH = "{each}"
KIND = re.compile(r"[a-z][a-z0-9-]*")
WINDOWS = re.compile(r"(\d+) of (\d+)")
LONGEST = 86_400  # seconds that all windows may take, as in CloudWatch
MOST_METRICS = 10  # of one alarm, as in CloudWatch


@lru_cache(maxsize=1)
def defined() -> dict[str, Alarm]:
    """Every alarm by its name, in the order of the file. Raises BadFile."""
    return parsed(FILE.read_text(encoding="utf-8"))


def parsed(text: str) -> dict[str, Alarm]:
    """Alarms by name of a file with this text. Raises BadFile."""
    entries = load(text)
    if not isinstance(entries, list):
        raise BadFile("a list of alarms is expected.")
    alarms: dict[str, Alarm] = {}
    for number, entry in enumerate(entries, 1):
        for alarm in _expanded(entry, number):
            if alarm.name in alarms:
                raise BadFile(f"alarm {alarm.name}: it is there twice.")
            alarms[alarm.name] = alarm
    return alarms


def _expanded(entry: object, number: int) -> list[Alarm]:
    fields = Fields(entry, f"alarm number {number}")
    found = [""]
    if "for_each" in fields:
        found = subjects(fields.choice("for_each", Subjects))
    return [_alarm(entry, number, subject) for subject in found]


def _alarm(entry: object, number: int, subject: str) -> Alarm:
    fields = Fields(entry, f"alarm number {number}")
    kind = fields.text("name")
    if not KIND.fullmatch(kind):
        raise BadFile(f"{fields.where}.name: {kind!r} has other than small letters and hyphens.")
    fields.where = f"alarm {kind}"
    if "for_each" in fields:
        fields.take("for_each")
    metrics = _metrics(fields.fields("metrics"), subject)
    steps = _steps(fields, {name for name, _ in metrics})
    known = {name for name, _ in (*metrics, *steps)}
    expression = _expression(fields, "expression", known)
    _all_used(fields.where, known, [expression, *(step for _, step in steps)])
    comparison, threshold, clear = _limit(fields)
    period, breaches, windows = _windows(fields)
    alarm = Alarm(
        kind=kind, subject=subject, severity=fields.choice("severity", Severity),
        title=_texts(fields.fields("title"), subject),
        meaning=_texts(fields.fields("meaning"), subject),
        metrics=metrics, steps=steps, expression=expression,
        comparison=comparison, threshold=threshold, clear=clear,
        period=period, breaches=breaches, windows=windows,
        missing=fields.choice("missing", Missing),
        look=fields.text("look").replace(EACH, subject),
        cause=fields.choice("cause", Cause) if "cause" in fields else None,
    )  # fmt: skip
    fields.done()
    return alarm


def _texts(fields: Fields, subject: str) -> Texts:
    texts = Texts(*(fields.text(name).replace(EACH, subject) for name in ("ja", "en")))
    fields.done()
    return texts


def _metrics(fields: Fields, subject: str) -> tuple[tuple[str, Series], ...]:
    names = fields.items()
    if not 1 <= len(names) <= MOST_METRICS:
        raise BadFile(f"{fields.where}: 1 to {MOST_METRICS} metrics are expected.")
    return tuple((_name(name, fields), _series(fields.fields(name), subject)) for name in names)


def _series(fields: Fields, subject: str) -> Series:
    name, statistic = fields.text("metric"), fields.choice("statistic", Statistic)
    metric = DEFINED.get(name)
    if metric is None:
        raise BadFile(f"{fields.where}.metric: {name!r} is not measured; see mangaassist/metrics.")
    if statistic not in OF_KIND[metric.kind]:
        raise BadFile(f"{fields.where}.statistic: {statistic} of a {metric.kind} means nothing.")
    dimensions: list[tuple[str, str]] = []
    if "dimensions" in fields:
        given = fields.fields("dimensions")
        for dimension in given.items():
            if dimension not in metric.dimensions:
                known = ", ".join(metric.dimensions) or "no dimension"
                raise BadFile(f"{given.where}: {name} has {known}, not {dimension}.")
            dimensions.append((dimension, given.text(dimension).replace(EACH, subject)))
    by = tuple(dimension for dimension, _ in dimensions)
    if by not in (metric.dimensions, *metric.sums):
        kept = " and by ".join(str(names) for names in (metric.dimensions, *metric.sums))
        raise BadFile(f"{fields.where}: CloudWatch keeps {name} by {kept}, not by {by}.")
    fields.done()
    return Series(name, statistic, tuple(dimensions))


def _steps(fields: Fields, known: set[str]) -> tuple[tuple[str, Expression], ...]:
    steps: list[tuple[str, Expression]] = []
    if "steps" in fields:
        given = fields.fields("steps")
        for name in given.items():
            if name in known:
                raise BadFile(f"{given.where}: {name} is a metric already.")
            before = known | {step for step, _ in steps}
            steps.append((_name(name, given), _expression(given, name, before)))
    return tuple(steps)


def _name(name: str, fields: Fields) -> str:
    if not NAME.fullmatch(name):
        raise BadFile(f"{fields.where}: {name!r} does not begin with a small letter.")
    return name


def _expression(fields: Fields, name: str, known: set[str]) -> Expression:
    try:
        expression = parse(fields.text(name))
    except BadExpression as error:
        raise BadFile(f"{fields.where}.{name}: {error}.") from error
    unknown = ", ".join(sorted(expression.names - known))
    if unknown:
        raise BadFile(f"{fields.where}.{name}: nothing is called {unknown} before it.")
    return expression


def _all_used(where: str, known: set[str], expressions: list[Expression]) -> None:
    unused = known.difference(*(expression.names for expression in expressions))
    if unused:
        raise BadFile(f"{where}: no expression uses {', '.join(sorted(unused))}.")


def _limit(fields: Fields) -> tuple[Comparison, float, float]:
    """The comparison, the threshold and the one to clear, by default the same."""
    comparison = fields.choice("comparison", Comparison)
    threshold = _threshold(fields)
    clear = fields.number("clear") if "clear" in fields else threshold
    wrong = clear > threshold if comparison.value.startswith(">") else clear < threshold
    if wrong:
        raise BadFile(f"{fields.where}.clear: at {clear:g} it would clear before it rings.")
    return comparison, threshold, clear


def _threshold(fields: Fields) -> float:
    """A number, or a number of the settings: `{setting: NAME}`."""
    found = fields.take("threshold")
    where = f"{fields.where}.threshold"
    if not isinstance(found, dict):
        return Fields({"threshold": found}, fields.where).number("threshold")
    reference = Fields(found, where)
    name = reference.text("setting")
    reference.done()
    value = getattr(settings, name, None)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadFile(f"{where}: {name} is no setting with a number.")
    return float(value)


def _windows(fields: Fields) -> tuple[int, int, int]:
    """Seconds of a window, how many must breach, and of how many."""
    period = fields.number("period")
    if period <= 0 or period % 60:
        raise BadFile(f"{fields.where}.period: {period:g} is no whole number of minutes.")
    text = fields.text("windows")
    found = WINDOWS.fullmatch(text)
    breaches, windows = map(int, found.groups()) if found else (0, 0)
    if not 1 <= breaches <= windows:
        raise BadFile(f"{fields.where}.windows: {text!r} is not such as `3 of 5`.")
    if windows * period > LONGEST:
        raise BadFile(f"{fields.where}.windows: together they are longer than a day.")
    return int(period), breaches, windows
