"""The reasoning of a decision, in words and as fields."""

from __future__ import annotations

import json

from mangaassist.pools import ENRICHMENT
from mangaassist.scaling import explain
from mangaassist.scaling.plan import Quota, Size, decide
from tests.mangaassist.scaling.loads import CALM, load, size

LIMITED = load(
    arrivals=8.33, backlog=2_100, visible=400, oldest=40, quota=Quota(1_000, 2e6, 0.5, 2, 1_500)
)


def test_a_change_says_its_numbers_its_formula_its_caps_and_itself() -> None:
    decision = decide(Size(ENRICHMENT, 1, 1, 25), LIMITED, 1, CALM)
    assert explain.text(decision).splitlines() == [
        "enrichment: 1 → 2 workers, the load needs more",
        "  measured  8.33 arrivals/s, backlog 2,100, 60 ended, 2.00 s each,"
        " 400 messages wait, the oldest 40 s, 1 alive",
        "  need      (8.33 + 2,100 / 600) × 2.00 / 0.8 = 29.6 permits",
        "  at most   250.0 permits: reserve, 25 slots × 10",
        "  at most   18.3 permits: requests, 1.1 × 0.50 × 1,000 / 60 × 2.00",
        "  at most   24.4 permits: tokens, 1.1 × 0.50 × 2,000,000 / 1,500 / 60 × 2.00",
        "  workers   18.3 / 10 permits each = 1.8, from 1 to 25",
    ]


def test_nothing_measured_says_so() -> None:
    assert explain.text(decide(size(), None, 3, CALM)).splitlines() == [
        "enrichment: 3 workers, held: measurements are missing or old",
        "  measured  nothing",
    ]


def test_work_of_unknown_length_shows_no_formula() -> None:
    lines = explain.text(decide(size(), load(backlog=9, seconds=None), 1, CALM)).splitlines()
    assert len(lines) == 2
    assert "of unknown length" in lines[1]


def test_the_fields_of_a_log_line_say_the_same() -> None:
    fields = explain.facts(decide(Size(ENRICHMENT, 1, 1, 25), LIMITED, 1, CALM))
    assert json.loads(json.dumps(fields)) == fields
    assert (fields["workers"], fields["wanted"], fields["cause"]) == (1, 2, "more_needed")
    assert fields["caps"] == {"reserve": 250, "requests": 18.33, "tokens": 24.44}
