"""The lines that CloudWatch reads, by the rules of its Embedded Metric Format."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from mangaassist.metrics import emf
from mangaassist.metrics.registry import Kind, Measured, Metric

AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
CALLS = Metric("Calls", Kind.COUNTER, "Count", "Calls.", ("Pool",))
TIMES = Metric("Times", Kind.DISTRIBUTION, "Milliseconds", "Times.", ("Pool",))
DEPTH = Metric("Depth", Kind.GAUGE, "Count", "Depth.")
POOL = (("Pool", "enrichment"),)


def documents(*measured: Measured) -> list[dict[str, Any]]:
    return [json.loads(line) for line in emf.lines(measured, AT)]


def test_metrics_of_the_same_dimensions_share_a_line() -> None:
    assert documents(Measured(CALLS, POOL, [3]), Measured(TIMES, POOL, [1.5, 2])) == [
        {
            "_aws": {
                "Timestamp": 1_795_568_400_000,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "MangaAssist",
                        "Dimensions": [["Pool"]],
                        "Metrics": [
                            {"Name": "Calls", "Unit": "Count"},
                            {"Name": "Times", "Unit": "Milliseconds"},
                        ],
                    }
                ],
            },
            "Pool": "enrichment",
            "Calls": 3,
            "Times": [1.5, 2],
        }
    ]


def test_other_dimensions_have_a_line_of_their_own() -> None:
    plain, pool = documents(Measured(CALLS, POOL, [3]), Measured(DEPTH, (), [7]))
    assert plain["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]]
    assert (plain["Depth"], pool["Calls"]) == (7, 3)


def test_no_line_has_more_values_than_cloudwatch_takes_and_none_is_lost() -> None:
    times = [float(number) for number in range(250)]
    found = documents(Measured(TIMES, POOL, times), Measured(CALLS, POOL, [3]))
    assert [len(line["Times"]) for line in found] == [100, 100, 50]
    assert [value for line in found for value in line["Times"]] == times
    assert [line.get("Calls") for line in found] == [3, None, None]


def test_no_line_has_more_metrics_than_cloudwatch_takes() -> None:
    many = [
        Measured(Metric(f"M{n:03}", Kind.GAUGE, "Count", "A gauge."), (), [n]) for n in range(150)
    ]
    found = documents(*many)
    sizes = [len(line["_aws"]["CloudWatchMetrics"][0]["Metrics"]) for line in found]
    assert sizes == [100, 50]


def test_a_metric_is_kept_for_fewer_dimensions_as_well() -> None:
    latency = Metric("L", Kind.DISTRIBUTION, "Seconds", "L.", ("A", "B"), (("A",), ()))
    calls = Metric("C", Kind.COUNTER, "Count", "C.", ("A", "B"))
    both = (("A", "1"), ("B", "2"))
    [document] = documents(Measured(latency, both, [3]), Measured(calls, both, [4]))
    assert [
        (directive["Dimensions"], [metric["Name"] for metric in directive["Metrics"]])
        for directive in document["_aws"]["CloudWatchMetrics"]
    ] == [([["A", "B"]], ["C"]), ([["A", "B"], ["A"], []], ["L"])]
    assert (document["A"], document["B"], document["L"], document["C"]) == ("1", "2", 3, 4)
