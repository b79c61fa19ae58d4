"""Every alarm is provoked in the running system, rings, and ends when all is well again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mangaassist.alarms.definitions import State
from mangaassist.alarms.duty import evaluate
from mangaassist.alarms.parsing import defined
from tests.chat.conftest import web
from tests.incidents.conftest import account, answer_all, new_gate, provisioned, worker
from tests.mangaassist.alarms.provoked_bedrock import BEDROCK
from tests.mangaassist.alarms.provoked_catalog import CATALOG
from tests.mangaassist.alarms.provoked_chat import CHAT
from tests.mangaassist.alarms.provoked_debts import DEBTS
from tests.mangaassist.alarms.provoked_items import ITEMS
from tests.mangaassist.alarms.provoked_pools import POOLS
from tests.mangaassist.alarms.provoked_queues import QUEUES
from tests.mangaassist.alarms.provoked_web import WEB
from tests.mangaassist.alarms.scene import Scene, forget_measurements

__all__ = ["account", "answer_all", "new_gate", "provisioned", "web", "worker"]

PROVOKED = WEB | CHAT | DEBTS | BEDROCK | QUEUES | CATALOG | POOLS | ITEMS


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    forget_measurements()
    yield Scene(request)
    defined.cache_clear()


def test_every_alarm_is_provoked() -> None:
    assert set(PROVOKED) == {alarm.kind for alarm in defined().values()}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=pytest.mark.django_db(transaction=provoked.commits))
        for kind, provoked in PROVOKED.items()
    ],
)
def test_an_alarm_rings_and_ends(kind: str, scene: Scene) -> None:
    provoked = PROVOKED[kind]
    evaluate(scene.now)
    alarm = defined()[f"{kind}:{provoked.subject}" if provoked.subject else kind]
    for _ in range(alarm.breaches):
        assert scene.state(alarm) != State.ALARM
        provoked.happens(scene)
        scene.pass_window(alarm)
    assert scene.state(alarm) == State.ALARM
    assert provoked.cause in scene.last_event(alarm).cause
    for _ in range(alarm.windows):
        provoked.heals(scene)
        scene.pass_window(alarm)
    assert scene.state(alarm) == State.OK
