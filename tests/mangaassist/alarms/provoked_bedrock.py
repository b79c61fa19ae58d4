"""Ways to make alarms of Bedrock calls, of their limiter and of their cost ring."""

from __future__ import annotations

import time
from contextlib import suppress
from types import SimpleNamespace

import redis
from django.conf import settings

from local import ports
from mangaassist import bedrock, bedrock_call
from mangaassist.alarms.parsing import defined
from mangaassist.errors import Temporary, Throttled
from mangaassist.limiter import limiter_of
from mangaassist.pools import ENRICHMENT
from tests.mangaassist.alarms.scene import Provocation, Scene, nothing

MODEL = settings.ENRICHMENT_MODEL
STATE = f"{{bedrock:{MODEL}}}:state"  # of the limiter
SPEED = 100  # of the clock


def ask(text: str = "題") -> None:
    messages = [{"role": "user", "content": text}]
    bedrock.invoke(MODEL, "Write.", messages, 100, pool=ENRICHMENT, patience=5.0)


def answers_take(seconds: float) -> Provocation:
    """Nobody waits that long: answers come a hundred times as fast, and so runs the clock."""

    def answers_are_slow(scene: Scene) -> None:
        clock = SimpleNamespace(monotonic=lambda: SPEED * time.monotonic())
        scene.simulator.latency(fixed=seconds / SPEED)
        with scene.patch.context() as patch:
            patch.setattr(bedrock_call, "time", clock)
            ask()

    return Provocation(answers_are_slow, answers_are_quick, MODEL)


def answers_are_quick(scene: Scene) -> None:
    scene.simulator.reset()
    ask()


def bedrock_fails(scene: Scene) -> None:
    scene.simulator.fault("InternalServerException", times=1)
    with suppress(Temporary):
        ask()
    for _ in range(9):
        ask()


def a_prompt_is_long(scene: Scene) -> None:
    assert scene.simulator
    ask("長い会話の続き。" * 1_500)


def bedrock_throttles(scene: Scene) -> None:
    scene.simulator.fault("ThrottlingException", times=1)
    with suppress(Throttled):
        ask()


def bedrock_goes_on_throttling(scene: Scene) -> None:
    """Three throttles, with time between them, and a call that tells what is left."""
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        for _ in range(3):
            bedrock_throttles(scene)
            for clock in ("at", "cut"):
                valkey.hincrbyfloat(STATE, clock, -3)
    ask()


def bedrock_allows_all_again(scene: Scene) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.hset(STATE, "factor", 1)
    ask()


def redis_is_gone(scene: Scene) -> None:
    assert scene.simulator
    with scene.patch.context() as patch:
        patch.setattr(settings, "REDIS_URL", f"redis://127.0.0.1:{ports.free()}")
        limiter_of.cache_clear()
        ask()
    limiter_of.cache_clear()


def redis_is_back(scene: Scene) -> None:
    ask()


def calls_cost_more_than_the_budget(scene: Scene) -> None:
    assert scene.simulator
    scene.settings.DAILY_BUDGET_USD = 0.000001
    defined.cache_clear()
    ask()


BEDROCK = {
    "bedrock-latency": answers_take(22),
    "bedrock-latency-early": answers_take(17),
    "bedrock-errors": Provocation(bedrock_fails, nothing, MODEL),
    "context-tokens": Provocation(a_prompt_is_long, answers_are_quick, MODEL),
    "bedrock-throttles": Provocation(bedrock_throttles, answers_are_quick, MODEL),
    "limiter-factor": Provocation(bedrock_goes_on_throttling, bedrock_allows_all_again, MODEL),
    "limiter-degraded": Provocation(redis_is_gone, redis_is_back),
    "cost-per-day": Provocation(calls_cost_more_than_the_budget, nothing),
}
