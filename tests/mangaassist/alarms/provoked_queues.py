"""Ways to make alarms of queues and of what receives from them ring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import F

from enrichment.dispatch import take
from enrichment.models import Item, Job
from enrichment.states import State
from local import ports
from mangaassist import activity, aws, presence
from mangaassist.broker import receiving
from mangaassist.broker.health import state
from mangaassist.broker.options import Options
from mangaassist.broker.receiving import Receiver
from mangaassist.broker.urls import queue_url
from mangaassist.broker.window import Window
from mangaassist.pools import ENRICHMENT
from mangaassist.resources import ENRICHMENT_QUEUE
from tests.enrichment.factories import make_job
from tests.incidents.conftest import answering
from tests.mangaassist.alarms.scene import (
    Provocation,
    Scene,
    measure_items,
    measure_pools,
    measure_queues,
    nothing,
)
from tests.mangaassist.conftest import forget_clients

QUEUE, DEAD_LETTERS = ENRICHMENT_QUEUE.name, ENRICHMENT_QUEUE.dead_letters
QUARTER = timedelta(minutes=16)


def more_wait_than(limit: int) -> Provocation:
    """SQS says so; to send ten thousand messages for it takes 20 s."""

    def others_send(scene: Scene) -> None:
        measure_depth(scene, limit + 1)

    def all_are_taken(scene: Scene) -> None:
        measure_depth(scene, 0)

    return Provocation(others_send, all_are_taken, QUEUE)


def measure_depth(scene: Scene, waiting: int) -> None:
    attributes = {
        "ApproximateNumberOfMessages": str(waiting),
        "ApproximateNumberOfMessagesNotVisible": "0",
    }
    with answering(200, {"QueueUrl": "http://sqs/queue", "Attributes": attributes}) as address:
        scene.patch.setenv("AWS_ENDPOINT_URL_SQS", address)
        forget_clients()
        measure_queues()
    scene.patch.delenv("AWS_ENDPOINT_URL_SQS")
    forget_clients()


def a_letter_is_dead(scene: Scene) -> None:
    assert scene.account
    aws.sqs().send_message(
        QueueUrl=queue_url(DEAD_LETTERS), MessageBody="x",
        MessageGroupId="g", MessageDeduplicationId="1",
    )  # fmt: skip
    measure_queues()


def somebody_removes_it(scene: Scene) -> None:
    aws.sqs().purge_queue(QueueUrl=queue_url(DEAD_LETTERS))
    measure_queues()


def nobody_takes_what_was_sent(scene: Scene) -> None:
    make_job()
    assert take()
    Item.objects.update(queued_at=F("queued_at") - QUARTER)
    measure_items()


def nothing_is_sent(scene: Scene) -> None:
    make_job()
    Job.objects.update(created_at=F("created_at") - QUARTER)
    measure_items()


def all_items_end(scene: Scene) -> None:
    Item.objects.update(state=State.DONE)
    measure_items()


def sqs_is_not_there(scene: Scene) -> None:
    """A receiver polls four times."""
    scene.patch.setattr(activity, "pool", ENRICHMENT.name)
    scene.patch.setattr(receiving, "FIRST_PAUSE", 0.001)
    scene.patch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{ports.free()}")
    receiver = Receiver(QUEUE, Window(1), lambda messages: None, Options())
    for _ in range(4):
        receiver._poll(1)


def sqs_stays_silent(scene: Scene) -> None:
    """A worker has heard nothing for more than 90 s, and beats."""
    state.polled()
    state.quiet_since -= 91
    beat()


def sqs_answers(scene: Scene) -> None:
    state.polled()
    beat()


def beat() -> None:
    presence.beat(ENRICHMENT.name, datetime.now(UTC))
    measure_pools()


QUEUES = {
    "queue-depth": more_wait_than(10_000),
    "queue-depth-early": more_wait_than(5_000),
    "queue-age": Provocation(nobody_takes_what_was_sent, all_items_end, QUEUE),
    "pending-age": Provocation(nothing_is_sent, all_items_end),
    "dead-letters": Provocation(a_letter_is_dead, somebody_removes_it, DEAD_LETTERS),
    "broker-errors": Provocation(sqs_is_not_there, nothing, ENRICHMENT.name),
    "broker-silent": Provocation(sqs_stays_silent, sqs_answers, ENRICHMENT.name),
}
