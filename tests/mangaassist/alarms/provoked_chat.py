"""Ways to make the chat's alarms ring."""

from __future__ import annotations

import time
from types import SimpleNamespace

from chat import answers, retrieval
from chat.turns import State
from tests.chat.store import Memory, ask, done
from tests.mangaassist.alarms.scene import Provocation, Scene

QUESTION = "おすすめの漫画は？"
SPEED = 100  # of a clock, so that slow answers cost a test little


def answer(scene: Scene, count: int, store: Memory, state: State) -> None:
    """So many messages, each of which ends like this."""
    scene.request.getfixturevalue("web")
    with scene.patch.context() as patch:
        patch.setattr(retrieval, "look_up", lambda message, language: ())
        assert [done(ask(QUESTION, store)).state for _ in range(count)] == [state] * count


def all_is_well(scene: Scene) -> None:
    scene.simulator.reset()
    answer(scene, 1, Memory(), State.COMPLETE)


def answers_fail(scene: Scene) -> None:
    """Neither the model answers nor can it be written down that an answer is owed."""
    scene.simulator.fault("InternalServerException")
    answer(scene, 20, Memory(("well", "raises")), State.FAILED)


def answers_come_later(scene: Scene) -> None:
    scene.simulator.fault("InternalServerException")
    answer(scene, 20, Memory(), State.DEFERRED)


def first_words_are_slow(scene: Scene) -> None:
    scene.simulator.latency(first_token=4.0 / SPEED, per_token=0.0)
    with scene.patch.context() as patch:
        clock = SimpleNamespace(monotonic=lambda: SPEED * time.monotonic())
        patch.setattr(answers, "time", clock)
        answer(scene, 1, Memory(), State.COMPLETE)


def nothing_is_saved(scene: Scene) -> None:
    answer(scene, 6, Memory(("well", "raises")), State.COMPLETE)


CHAT = {
    "chat-failing": Provocation(answers_fail, all_is_well),
    "chat-deferred": Provocation(answers_come_later, all_is_well),
    "chat-slow": Provocation(first_words_are_slow, all_is_well),
    "chat-unsaved": Provocation(nothing_is_saved, all_is_well),
}
