from __future__ import annotations

import subprocess
from random import Random
from statistics import median, quantiles
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ReadTimeoutError

from local.bedrock import latency
from local.bedrock.quota import limited
from local.bedrock.wire import BedrockError
from tests.local.bedrock.conftest import PYTHON, ROOT, Bedrock, Control


def test_the_simulator_says_that_it_is_well(control: Control) -> None:
    assert control.get("health") == {"status": "ok"}


def test_it_says_one_line_and_stops_when_told(bedrock: Bedrock) -> None:
    command = [str(PYTHON), "-m", "local.bedrock", "--port", "0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.terminate()
        rest = process.stdout.read()

    assert first.startswith("Bedrock simulator on http://127.0.0.1:")
    assert rest == ""


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        ("faults", [{"fault": "earthquake"}]),
        ("faults", [{"fault": "cut", "colour": "red"}]),
        ("faults", [{"fault": "slow"}]),
        ("size", {"per_event": 0}),
        ("size", {"tokens": 0}),
        ("size", {"words": 5}),
        ("faults", [{"fault": "stop_reason", "value": "tired"}]),
        ("faults", [{"fault": "malformed", "value": "header"}]),
        ("faults", [{"fault": "AccessDeniedException", "at_token": 3}]),
        ("latency", {"gaussian": 3}),
        ("latency", {"fixed": 1, "model": "gpt"}),
        ("models", {"ended": ["gpt"]}),
        ("quota", []),
    ],
)
def test_nonsense_is_refused(control: Control, path: str, settings: object) -> None:
    with pytest.raises(HTTPError) as raised:
        control.post(path, settings)

    assert raised.value.code == 400
    raised.value.close()


def test_stats_count_calls_by_status_and_title(bedrock: Bedrock, control: Control) -> None:
    bedrock.invoke("<title><id>C1</id></title>")
    bedrock.invoke("<title><id>C1</id></title>")
    control.fault(fault="ThrottlingException", contains="C2")
    with pytest.raises(bedrock.client.exceptions.ThrottlingException):
        bedrock.invoke("<title><id>C2</id></title>")

    stats = control.get("stats")

    assert stats["calls"] == 3
    assert stats["by_status"] == {"200": 2, "429": 1}
    assert stats["throttled"] == 1
    assert stats["by_prompt"] == {"C1": 2, "C2": 1}


def test_answers_of_chat_have_the_size_that_is_wished(bedrock: Bedrock, control: Control) -> None:
    control.post("size", {"tokens": 23, "per_event": 5})
    events = list(bedrock.stream("こんにちは"))
    deltas = [each["delta"]["text"] for each in events if each["type"] == "content_block_delta"]
    (usage,) = [each["usage"] for each in events if each["type"] == "message_delta"]
    assert len(deltas) == 5
    assert usage == {"output_tokens": 23}


def test_stats_add_up_tokens(bedrock: Bedrock, control: Control) -> None:
    usage = [bedrock.invoke(prompt)["usage"] for prompt in ("Hello", "こんにちは")]

    stats = control.get("stats")

    assert stats["input_tokens"] == sum(each["input_tokens"] for each in usage)
    assert stats["output_tokens"] == sum(each["output_tokens"] for each in usage)


def test_a_reset_clears_stats_faults_and_quota(bedrock: Bedrock, control: Control) -> None:
    bedrock.invoke("Hello")
    control.post("quota", {"requests_per_minute": 0})
    control.fault(fault="AccessDeniedException")

    control.post("reset")

    assert control.get("stats")["calls"] == 0
    assert bedrock.invoke("Hello")["stop_reason"] == "end_turn"


def test_a_call_abandoned_before_a_reset_is_not_counted_after_it(
    impatient: Bedrock, control: Control
) -> None:
    control.fault(fault="slow", seconds=30)
    with pytest.raises(ReadTimeoutError):
        impatient.invoke("Hello")

    control.post("reset")

    assert control.get("stats")["active"] == 0


def test_requests_over_the_quota_are_throttled(bedrock: Bedrock, control: Control) -> None:
    control.post("quota", {"requests_per_minute": 2})
    bedrock.invoke("Hello")
    bedrock.invoke("Hello")

    with pytest.raises(bedrock.client.exceptions.ThrottlingException, match="Too many requests"):
        bedrock.invoke("Hello")


def test_max_tokens_count_against_the_quota_at_the_start(
    bedrock: Bedrock, control: Control
) -> None:
    control.post("quota", {"tokens_per_minute": 1_000})

    with pytest.raises(bedrock.client.exceptions.ThrottlingException, match="Too many tokens"):
        bedrock.invoke("Hello", max_tokens=1_000)


def test_unused_tokens_are_given_back(bedrock: Bedrock, control: Control) -> None:
    control.post("quota", {"tokens_per_minute": 10_000})

    # Each of them reserves 9,000, more than half of the quota.
    answers = [bedrock.invoke("Hello", max_tokens=9_000) for _ in range(2)]

    assert len(answers) == 2


def test_written_tokens_weigh_as_in_the_books_of_aws(bedrock: Bedrock, control: Control) -> None:
    usage = bedrock.invoke("Hello")["usage"]
    once = usage["input_tokens"] + 5 * usage["output_tokens"]
    control.post("quota", {"tokens_per_minute": 1.9 * once})
    bedrock.invoke("Hello", max_tokens=usage["output_tokens"])

    # One of each would leave room for a second call; five do not.
    with pytest.raises(bedrock.client.exceptions.ThrottlingException, match="Too many tokens"):
        bedrock.invoke("Hello", max_tokens=int(0.95 * once))


def test_a_refused_call_takes_nothing_from_the_quota() -> None:
    quota = limited(requests=1, tokens=100, now=0)
    with pytest.raises(BedrockError):
        quota.reserve(101, now=0)

    quota.reserve(100, now=0)


def test_a_short_burst_lets_less_through_at_once(bedrock: Bedrock, control: Control) -> None:
    control.post("quota", {"requests_per_minute": 60, "burst": 1.0})
    bedrock.invoke("Hello")

    with pytest.raises(bedrock.client.exceptions.ThrottlingException):
        bedrock.invoke("Hello")


def test_a_quota_refills_within_a_minute() -> None:
    quota = limited(requests=60, tokens=600, now=0)
    quota.reserve(600, now=0)
    with pytest.raises(BedrockError):
        quota.reserve(100, now=9)

    quota.reserve(100, now=10)


def test_a_quota_never_holds_more_than_a_minute() -> None:
    quota = limited(requests=None, tokens=600, now=0)

    quota.give_back(600)

    with pytest.raises(BedrockError):
        quota.reserve(601, now=600)


def total(settings: dict[str, object], input_tokens: int = 0, tokens: int = 100) -> float:
    return latency.parse(settings).pace(input_tokens, tokens, Random(1)).due(tokens)


def test_a_fixed_latency_is_the_total() -> None:
    assert total({"fixed": 2.0}) == pytest.approx(2.0)


def test_a_latency_per_token_grows_with_what_is_read_and_written() -> None:
    settings: dict[str, object] = {"first_token": 1, "per_token": 0.01, "per_input_token": 0.001}

    assert total(settings, input_tokens=500, tokens=100) == pytest.approx(2.5)


def test_a_lognormal_latency_has_the_median_and_tail_asked_for() -> None:
    random = Random(1)
    shape = latency.parse({"lognormal": {"median": 2.0, "p95": 6.0}})

    totals = [shape.pace(0, 10, random).due(10) for _ in range(5_000)]

    assert median(totals) == pytest.approx(2.0, rel=0.1)
    assert quantiles(totals, n=20)[-1] == pytest.approx(6.0, rel=0.15)


def test_a_latency_for_one_model_leaves_the_others_alone(
    impatient: Bedrock, control: Control
) -> None:
    control.post("latency", {"fixed": 30, "model": "anthropic.claude-sonnet-4-6"})

    assert impatient.invoke("Hello")["stop_reason"] == "end_turn"
