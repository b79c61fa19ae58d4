"""Ways to make the chat's alarms ring."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

from django.conf import settings

from chat import answers, retrieval, trying
from chat.catalogue import Found
from chat.reply import Event
from chat.turns import State
from mangaassist import bedrock_call, bedrock_stream
from mangaassist.errors import Temporary
from tests.chat.store import Memory, done, listen
from tests.mangaassist.alarms.scene import Provocation, Scene

QUESTION = "おすすめの漫画は？"
SPEED = 100  # of a clock, so that slow answers cost a test little


def look_up(message: str, language: str) -> Found:
    """An empty catalogue, or none if the message says so."""
    if "カタログなし" in message:
        raise Temporary("timeout", "The test wants this.")
    return Found()


def answer(scene: Scene, count: int, store: Memory, state: State, question: str = QUESTION) -> None:
    """So many messages, each of which ends like this."""
    scene.request.getfixturevalue("web")
    with scene.patch.context() as patch:
        patch.setattr(retrieval, "look_up", look_up)
        patch.setattr(trying, "PATIENCE", 20.0)  # All of them at once on a busy machine.
        talks = asyncio.run(together(question, store, count))
    assert [done(events).state for events in talks] == [state] * count


async def together(question: str, store: Memory, count: int) -> list[list[Event]]:
    return await asyncio.gather(*(listen(question, store) for _ in range(count)))


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


def the_catalogue_does_not_answer(scene: Scene) -> None:
    scene.simulator.reset()
    answer(scene, 20, Memory(), State.COMPLETE, f"カタログなしで、{QUESTION}")


def answers_have_links(scene: Scene) -> None:
    """The simulator repeats the question, and so its link."""
    scene.simulator.reset()
    answer(scene, 20, Memory(), State.COMPLETE, f"www.example.com の{QUESTION}")


def a_model_begins_late(scene: Scene) -> None:
    assert scene.simulator
    scene.simulator.latency(first_token=3.0 / SPEED, per_token=0.0)
    with scene.patch.context() as patch:
        clock = SimpleNamespace(
            monotonic=lambda: SPEED * time.monotonic(),
            sleep=lambda seconds: time.sleep(seconds / SPEED),
        )
        for module in (bedrock_call, bedrock_stream):
            patch.setattr(module, "time", clock)
        answer(scene, 1, Memory(), State.COMPLETE)


CHAT = {
    "chat-failing": Provocation(answers_fail, all_is_well),
    "chat-deferred": Provocation(answers_come_later, all_is_well),
    "chat-slow": Provocation(first_words_are_slow, all_is_well),
    "chat-unsaved": Provocation(nothing_is_saved, all_is_well),
    "chat-without-catalogue": Provocation(the_catalogue_does_not_answer, all_is_well),
    "chat-changed": Provocation(answers_have_links, all_is_well),
    "first-token-slow": Provocation(a_model_begins_late, all_is_well, settings.CHAT_MODEL),
}
