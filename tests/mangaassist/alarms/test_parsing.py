"""The file of alarms is read strictly; what is wrong in it says where."""

from __future__ import annotations

from typing import Any

import pytest

from enrichment.window import LARGEST
from mangaassist.alarms.definitions import Comparison, Missing, Series, Severity, Statistic
from mangaassist.alarms.fields import BadFile
from mangaassist.alarms.parsing import defined, parsed
from mangaassist.pools import WORKER_POOLS
from tests.mangaassist.alarms.examples import ENTRY, alarm, text

ERRORS = {"metric": "Http5xx", "statistic": "Sum"}


def test_an_entry_becomes_frozen_values() -> None:
    found = alarm()
    assert (found.name, found.kind, found.subject) == ("errors", "errors", "")
    assert found.severity is Severity.CRITICAL
    assert found.title == ("エラー", "Errors")
    assert found.metrics == (("errors", Series("Http5xx", Statistic.SUM, ())),)
    assert (found.comparison, found.threshold, found.clear) == (Comparison.OVER, 10, 10)
    assert (found.period, found.breaches, found.windows) == (60, 2, 3)
    assert (found.missing, found.cause) == (Missing.MISSING, None)


def test_an_entry_is_repeated_for_each_subject() -> None:
    workers = {"metric": "Workers", "statistic": "Maximum", "dimensions": {"Pool": "{each}"}}
    found = parsed(text(
        for_each="worker_pools", title={"ja": "{each} です", "en": "It is {each}"},
        metrics={"errors": workers}, look="manage.py worker {each}",
    ))  # fmt: skip
    assert list(found) == [f"errors:{pool}" for pool in WORKER_POOLS]
    one = found["errors:deferred"]
    assert (one.subject, one.title.en, one.title.ja) == (
        "deferred",
        "It is deferred",
        "deferred です",
    )
    assert one.metrics[0][1].dimensions == (("Pool", "deferred"),)
    assert one.look == "manage.py worker deferred"


def test_steps_may_use_what_is_before_them() -> None:
    found = alarm(steps={"twice": "errors * 2", "more": "twice + 1"}, expression="more")
    assert [(name, step.text) for name, step in found.steps] == [
        ("twice", "errors * 2"),
        ("more", "twice + 1"),
    ]


def test_a_threshold_may_be_a_setting(settings: Any) -> None:
    settings.DAILY_BUDGET_USD = 7.5
    assert alarm(threshold={"setting": "DAILY_BUDGET_USD"}).threshold == 7.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": None}, "alarm number 1: name is missing."),
        ({"name": "Errors!"}, "alarm number 1.name: 'Errors!' has other than"),
        ({"severity": "bad"}, "alarm errors.severity: 'bad' is none of critical, warning."),
        ({"title": {"ja": "あ"}}, "alarm errors.title: en is missing."),
        ({"title": {"ja": "あ", "en": ""}}, "alarm errors.title.en: a text is expected, not ''."),
        ({"meaning": {"ja": "あ", "en": "a", "fr": "a"}}, "alarm errors.meaning: fr is no field"),
        ({"for_each": "cats"}, "for_each: 'cats' is none of pools, worker_pools"),
        ({"metrics": {}}, "alarm errors.metrics: 1 to 10 metrics"),
        ({"metrics": ["errors"]}, "alarm errors.metrics: fields with names are expected"),
        ({"metrics": {"E": ERRORS}}, "alarm errors.metrics: 'E' does not begin with a small"),
        ({"metrics": {"errors": {"metric": "Nothing", "statistic": "Sum"}}},
         "alarm errors.metrics.errors.metric: 'Nothing' is not measured"),
        ({"metrics": {"errors": {"metric": "Http5xx", "statistic": "p95"}}},
         "alarm errors.metrics.errors.statistic: p95 of a counter means nothing."),
        ({"metrics": {"errors": {**ERRORS, "dimensions": {"Cat": "a"}}}},
         "alarm errors.metrics.errors.dimensions: Http5xx has Service, Route, not Cat."),
        ({"metrics": {"errors": {**ERRORS, "dimensions": {"Route": "a"}}}},
         "alarm errors.metrics.errors: CloudWatch keeps Http5xx by ('Service', 'Route') and by ()"),
        ({"metrics": {"errors": {**ERRORS, "unit": "s"}}}, "alarm errors.metrics.errors: unit is"),
        ({"metrics": {"errors": ERRORS, "more": ERRORS}}, "alarm errors: no expression uses"),
        ({"steps": {"errors": "1"}}, "alarm errors.steps: errors is a metric already."),
        ({"steps": {"a": "b", "b": "errors"}}, "alarm errors.steps.a: nothing is called b before"),
        ({"expression": "errors + other"}, "alarm errors.expression: nothing is called other"),
        ({"expression": "errors +"}, "alarm errors.expression: it cannot be read"),
        ({"comparison": "!="}, "alarm errors.comparison: '!=' is none of >, >=, <, <=."),
        ({"threshold": "10"}, "alarm errors.threshold: a number is expected, not '10'."),
        ({"threshold": True}, "alarm errors.threshold: a number is expected, not True."),
        ({"threshold": {"setting": "DEBUG"}}, "alarm errors.threshold: DEBUG is no setting with a"),
        ({"clear": 11}, "alarm errors.clear: at 11 it would clear before it rings."),
        ({"comparison": "<", "clear": 9}, "alarm errors.clear: at 9 it would clear"),
        ({"period": 45}, "alarm errors.period: 45 is no whole number of minutes."),
        ({"windows": "3 in 5"}, "alarm errors.windows: '3 in 5' is not such as `3 of 5`."),
        ({"windows": "4 of 3"}, "alarm errors.windows: '4 of 3' is not"),
        ({"windows": "0 of 3"}, "alarm errors.windows: '0 of 3' is not"),
        ({"period": 43_200}, "alarm errors.windows: together they are longer than a day."),
        ({"missing": "ok"}, "alarm errors.missing: 'ok' is none of missing, ignore, breaching"),
        ({"cause": "me"}, "alarm errors.cause: 'me' is none of blocked_pool."),
        ({"colour": "red"}, "alarm errors: colour is no field that is known here."),
    ],
)  # fmt: skip
def test_a_mistake_says_where_it_is(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(BadFile) as error:
        parsed(text(**changes))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("a: [", "it is no YAML: "),
        ("a: 1", "a list of alarms is expected."),
        ("- 1", "alarm number 1: fields with names are expected, not 1."),
        (text() + text(), "alarm errors: it is there twice."),
        (text() + "  look: again\n", "line 1: look is there twice."),
    ],
)
def test_a_file_of_another_shape_is_refused(file: str, message: str) -> None:
    with pytest.raises(BadFile) as error:
        parsed(file)
    assert message in str(error.value)


def test_every_field_is_needed() -> None:
    for name in ENTRY:
        with pytest.raises(BadFile, match=f"{name} is missing"):
            parsed(text(**{name: None}))


def test_every_name_is_one_that_cloudwatch_takes() -> None:
    assert all(len(name) <= 200 and name.isascii() for name in defined())


def test_the_early_warning_of_depth_is_the_largest_window() -> None:
    early = [alarm for alarm in defined().values() if alarm.kind == "queue-depth-early"]
    assert {alarm.threshold for alarm in early} == {LARGEST}
