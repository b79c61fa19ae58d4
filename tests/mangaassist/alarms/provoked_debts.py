"""Ways to make the alarms of what shoppers are owed ring: answers, reviews, and who does them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chat import keeping, owed
from chat.deferred import hand_over
from chat.keeping import collect
from chat.tasks import review
from chat.turns import Answer, History, State, Turn
from mangaassist.resources import ENRICHMENT_ROLE
from tests.chat.conftest import converse, drain, in_role
from tests.chat.store import Memory
from tests.mangaassist.alarms.provoked_chat import all_is_well, answer
from tests.mangaassist.alarms.scene import Provocation, Scene, nothing

LATER = Answer("", State.DEFERRED)
COMPLETE = Answer("全23巻です。", State.COMPLETE)
CARD = Answer("カード番号は4111 1111 1111 1111です。", State.COMPLETE)


def owe(scene: Scene, *answers: Answer) -> None:
    """A keeper looks after these answers, each in its own session, and all is overdue at once."""
    assert scene.account
    with scene.patch.context() as patch:
        for name in ("ANSWERED_WITHIN", "SENT_WITHIN"):
            patch.setattr(owed, name, timedelta(seconds=-1))
        for number, one in enumerate(answers):
            converse(str(number), one)
        collect()


def promised_answers_never_come(scene: Scene) -> None:
    with scene.patch.context() as patch:
        patch.setattr(keeping, "GIVE_UP_AFTER", timedelta(0))
        owe(scene, LATER, LATER, LATER)


def nobody_does_what_is_owed(scene: Scene) -> None:
    owe(scene, *[LATER] * 6, *[COMPLETE] * 5)


def sqs_takes_no_work(scene: Scene) -> None:
    """A web process has the role of another one, which may not send."""
    said = Turn(2, "assistant", "", State.DEFERRED, "m1", datetime.now(UTC), "ja")
    with in_role(scene.account, ENRICHMENT_ROLE):
        for _ in range(6):
            hand_over("s", said, History())
        drain()


def reviews_withdraw_answers(scene: Scene) -> None:
    """Two of 22 answers; the worker meets them after their shoppers."""
    assert scene.account
    answer(scene, 20, Memory(), State.COMPLETE)
    for session in ("a", "b"):
        converse(session, CARD)
        review(session, "m1")


def the_guardrail_may_not_be_asked(scene: Scene) -> None:
    assert scene.account
    scene.settings.GUARDRAIL_ID, scene.settings.GUARDRAIL_VERSION = "gr1", "3"
    scene.simulator.fault("AccessDeniedException", operation="ApplyGuardrail")
    converse("s", COMPLETE)
    review("s", "m1")


def it_may_be_asked(scene: Scene) -> None:
    scene.simulator.faults()
    scene.simulator.guardrail("gr1", "3", "禁句", blocked="お答えできません。")
    review("s", "m1")


DEBTS = {
    "chat-given-up": Provocation(promised_answers_never_come, nothing),
    "chat-overdue": Provocation(nobody_does_what_is_owed, nothing),
    "chat-not-handed-over": Provocation(sqs_takes_no_work, nothing),
    "chat-withdrawn": Provocation(reviews_withdraw_answers, all_is_well, commits=True),
    "guardrail-failing": Provocation(
        the_guardrail_may_not_be_asked, it_may_be_asked, cause="guardrail gr1", commits=True
    ),
}
