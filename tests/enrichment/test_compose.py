"""One call for one title, one repair at most, and a bill for both."""

from __future__ import annotations

from decimal import Decimal

import pytest
import redis

from enrichment.answers import BadAnswer
from enrichment.compose import Meter, compose
from enrichment.models import Job, Title
from mangaassist import activity, claude
from mangaassist.errors import Refused, Throttled
from tests.simulator import Simulator
from tests.stack import Stack

MODEL = f"global.{claude.HAIKU_45}"
TITLE = Title(id="T1", title_jp="ひまわり探偵")
JOB = Job(kinds=["synopsis", "tags"], languages=["ja"], model=MODEL)


@pytest.fixture
def meter() -> Meter:
    return Meter(MODEL)


def test_a_good_answer_takes_one_call(simulator: Simulator, meter: Meter) -> None:
    draft = compose(TITLE, JOB, meter)
    assert {kind: list(texts) for kind, texts in draft["results"].items()} == {
        "synopsis": ["ja"], "tags": ["ja"],
    }  # fmt: skip
    assert (simulator.stats()["calls"], meter.usage.calls) == (1, 1)


@pytest.mark.parametrize("fault", ["wrong_language", "too_long", "bad_schema"])
def test_a_bad_answer_is_repaired_by_a_second_call(
    simulator: Simulator, meter: Meter, fault: str
) -> None:
    simulator.fault(fault, times=1)
    assert compose(TITLE, JOB, meter)["results"]
    assert (simulator.stats()["calls"], meter.usage.calls) == (2, 2)


def test_a_second_bad_answer_is_the_last(simulator: Simulator, meter: Meter) -> None:
    simulator.fault("bad_schema")
    with pytest.raises(BadAnswer):
        compose(TITLE, JOB, meter)
    assert (simulator.stats()["calls"], meter.usage.calls) == (2, 2)


def test_a_refusal_is_not_asked_again(simulator: Simulator, meter: Meter) -> None:
    simulator.fault("stop_reason", value="refusal")
    with pytest.raises(Refused):
        compose(TITLE, JOB, meter)
    assert simulator.stats()["calls"] == 1


def test_the_bill_is_what_bedrock_counted(simulator: Simulator, meter: Meter) -> None:
    compose(TITLE, JOB, meter)
    stats, usage = simulator.stats(), meter.usage
    assert (usage.input_tokens, usage.output_tokens) == (
        stats["input_tokens"],
        stats["output_tokens"],
    )
    assert usage.cost == claude.find(MODEL).cost(usage.input_tokens, usage.output_tokens) > 0


def test_the_draft_says_where_it_comes_from(simulator: Simulator, meter: Meter) -> None:
    made = compose(TITLE, JOB, meter)["provenance"]
    assert (made["model"], Decimal(made["cost"])) == (MODEL, meter.usage.cost)
    assert made["prompt_version"]
    assert made["input_hash"]


def test_a_call_that_fails_is_counted_and_gives_its_permit_back(
    simulator: Simulator, meter: Meter
) -> None:
    simulator.fault("ThrottlingException")
    with pytest.raises(Throttled):
        compose(TITLE, JOB, meter)
    assert (meter.usage.calls, activity.permits.in_use) == (1, 0)


def test_a_call_that_the_limiter_holds_back_is_no_call(
    stack: Stack, simulator: Simulator, meter: Meter
) -> None:
    with redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey:
        # A debt that takes longer to pay than anybody waits.
        valkey.hset(f"{{bedrock:{MODEL}}}:state", "tokens", -1e12)
    with pytest.raises(Throttled, match="limiter_busy"):
        compose(TITLE, JOB, meter)
    assert (simulator.stats()["calls"], meter.usage.calls) == (0, 0)
