"""One call of Bedrock: its answer, or one classified failure and no second attempt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from local import ports
from mangaassist import aws, bedrock_call, claude
from mangaassist.bedrock import Reply, invoke
from mangaassist.bedrock_call import LONGEST_READ, read_timeout
from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary, Throttled
from mangaassist.limiter.quota import BURST
from mangaassist.metrics.registry import registry
from mangaassist.pools import ENRICHMENT
from mangaassist.tokens import calibration, estimate_prompt
from tests.simulator import Simulator
from tests.stack import Stack

MODEL = f"global.{claude.HAIKU_45}"
SYSTEM = "Be brief."


def ask(text: str = "こんにちは", model: str = MODEL, max_tokens: int = 50) -> Reply:
    messages = [{"role": "user", "content": text}]
    return invoke(model, SYSTEM, messages, max_tokens, pool=ENRICHMENT, patience=5.0)


def failure(**request: Any) -> Failure:
    """How a call fails."""
    with pytest.raises(Failure) as raised:
        ask(**request)
    return raised.value


@pytest.fixture
def revived(simulator: Simulator) -> Iterator[None]:
    """Models past their end of life answer again."""
    simulator.ended_models()
    yield
    simulator.ended_models(claude.HAIKU_3, claude.SONNET_3)


@pytest.mark.usefixtures("revived")
@pytest.mark.parametrize("model", sorted(claude.MODELS))
def test_every_known_model_answers(model: str) -> None:
    assert ask(model=model).text


def test_an_answer_comes_with_its_bill(simulator: Simulator) -> None:
    reply, stats = ask(), simulator.stats()
    assert reply.stop_reason == "max_tokens" or reply.output_tokens < 50
    assert (reply.input_tokens, reply.output_tokens) == (
        stats["input_tokens"], stats["output_tokens"],
    )  # fmt: skip
    assert reply.request_id


def test_a_bill_teaches_what_the_next_prompts_cost(simulator: Simulator) -> None:
    before = calibration(MODEL).factor
    reply = ask("ねこ" * 200)
    estimated = estimate_prompt(SYSTEM, [{"role": "user", "content": "ねこ" * 200}])
    assert (calibration(MODEL).factor > before) == (reply.input_tokens > estimated * before)
    assert calibration(MODEL).factor != before


@pytest.mark.usefixtures("revived")
def test_no_more_tokens_are_asked_for_than_the_model_can_write() -> None:
    assert ask(model=claude.HAIKU_3, max_tokens=1_000_000).text


def test_an_empty_answer_is_an_answer(simulator: Simulator) -> None:
    simulator.fault("empty")
    assert ask().text == ""


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("ThrottlingException", Throttled),
        ("ServiceUnavailableException", Temporary),
        ("InternalServerException", Temporary),
        ("ModelTimeoutException", Temporary),
        ("AccessDeniedException", Misconfigured),
        ("ResourceNotFoundException", Misconfigured),
        ("ValidationException", Misconfigured),
    ],
)
def test_a_refused_call_is_classified_and_not_repeated(
    simulator: Simulator, fault: str, kind: type[Failure]
) -> None:
    simulator.fault(fault)
    found = failure()
    assert (type(found), found.code) == (kind, fault)
    assert simulator.stats()["calls"] == 1


@pytest.mark.parametrize("fault", ["AccessDeniedException", "ValidationException"])
def test_a_misconfiguration_names_the_model(simulator: Simulator, fault: str) -> None:
    simulator.fault(fault)
    assert MODEL in failure().message


def test_an_ended_model_is_a_misconfiguration(simulator: Simulator) -> None:
    found = failure(model=claude.HAIKU_3)
    assert isinstance(found, Misconfigured)
    assert claude.HAIKU_3 in found.message


def test_a_prompt_that_is_too_long_is_the_items_own_fault(simulator: Simulator) -> None:
    simulator.fault("ValidationException", message="prompt is too long: 210000 tokens")
    found = failure()
    assert (type(found), found.code) == (Rejected, "input_too_long")


@pytest.mark.parametrize("fault", ["cut", "malformed"])
def test_a_broken_answer_is_temporary_and_not_asked_for_again(
    simulator: Simulator, fault: str
) -> None:
    simulator.fault(fault)
    assert type(failure()) is Temporary
    assert simulator.stats()["calls"] == 1


def test_a_silent_bedrock_is_waited_for_no_longer_than_the_prompt_deserves(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bedrock_call, "read_timeout", lambda tokens: 0.2)
    simulator.fault("hang")
    found = failure()
    assert (type(found), found.code) == (Temporary, "ReadTimeoutError")
    assert simulator.stats()["calls"] == 1


def test_a_long_prompt_gets_more_time_and_never_too_much() -> None:
    assert [read_timeout(tokens) for tokens in (0, 5_000, 1_000_000)] == [10, 15, LONGEST_READ]


def test_the_patience_is_that_of_the_estimated_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def patience(tokens: int) -> float:
        asked.append(tokens)
        return LONGEST_READ

    monkeypatch.setattr(bedrock_call, "read_timeout", patience)
    ask("recommendation " * 100)
    assert asked == [
        estimate_prompt(SYSTEM, [{"role": "user", "content": "recommendation " * 100}])
    ]


def test_a_call_is_measured(simulator: Simulator) -> None:
    registry.take()
    reply = ask()
    found = {one.metric.name: one.values for one in registry.take()}
    cost = claude.find(MODEL).cost(reply.input_tokens, reply.output_tokens)
    assert found["BedrockCalls"] == [1]
    assert found["InputTokens"] == found["ContextTokens"] == [reply.input_tokens]
    assert found["OutputTokens"] == [reply.output_tokens]
    assert found["CostUSD"] == [pytest.approx(float(cost))]
    assert len(found["InvocationLatency"]) == 1


@pytest.mark.parametrize(
    ("fault", "measured"),
    [("ThrottlingException", "BedrockThrottles"), ("AccessDeniedException", "BedrockErrors")],
)
def test_a_failed_call_is_counted_by_what_it_means(
    simulator: Simulator, fault: str, measured: str
) -> None:
    simulator.fault(fault)
    registry.take()
    failure()
    found = {one.metric.name: dict(one.dimensions) for one in registry.take()}
    assert {"BedrockThrottles", "BedrockErrors"} & found.keys() == {measured}
    assert found[measured]["Pool"] == ENRICHMENT.name
    assert "InvocationLatency" not in found


def test_the_time_of_a_call_that_broke_off_counts(simulator: Simulator) -> None:
    simulator.fault("ModelTimeoutException")
    registry.take()
    failure()
    assert "InvocationLatency" in {one.metric.name for one in registry.take()}


def test_the_limiter_gets_back_what_a_call_did_not_use(stack: Stack, simulator: Simulator) -> None:
    state = f"{{bedrock:{MODEL}}}:state"
    with redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey:
        tokens = BURST * settings.BEDROCK_QUOTA[1] / 60
        reply = ask(max_tokens=10_000)
        left = float(valkey.hget(state, "tokens") or 0)
        used = reply.input_tokens + 5 * reply.output_tokens
        assert left == pytest.approx(tokens - used, abs=1)
        assert valkey.zcard(f"{{bedrock:{MODEL}}}:permits:enrichment") == 0


def test_a_permit_outlives_the_longest_wait_for_an_answer(
    stack: Stack, simulator: Simulator
) -> None:
    ends = list[float]()

    with redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey:

        def look() -> None:
            leases = valkey.zrange(
                f"{{bedrock:{MODEL}}}:permits:enrichment", 0, -1, withscores=True
            )
            ends.extend(end - valkey.time()[0] for _, end in leases)

        messages = [{"role": "user", "content": "こんにちは"}]
        invoke(MODEL, SYSTEM, messages, 50, pool=ENRICHMENT, patience=5.0, begun=look)
    assert ends
    assert min(ends) > read_timeout(0) + 3  # seconds in which it connects


def test_a_bedrock_that_is_not_there_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", f"http://127.0.0.1:{ports.free()}")
    forget_client()
    found = failure()
    monkeypatch.undo()
    forget_client()
    assert type(found) is Temporary


def forget_client() -> None:
    aws.bedrock_runtime.cache_clear()
