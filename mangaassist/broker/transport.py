"""Celery's way to SQS: a kombu transport that survives its failures and calls it in batches.

Receiving threads fill an inbox, the worker's loop takes from it, and background threads delete
what is done, so that neither a slow nor a silent SQS holds up the loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from kombu.transport import virtual

from mangaassist import aws
from mangaassist.broker.envelope import RawMessage, Unreadable, receives, unpack
from mangaassist.broker.exits import stopping
from mangaassist.broker.options import Options
from mangaassist.broker.receiving import Receiver
from mangaassist.broker.sending import entry
from mangaassist.broker.settling import Settler
from mangaassist.broker.urls import queue_url
from mangaassist.broker.window import Window

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5  # how long a signal may wait for an idle loop
LONGEST_DELAY = 60  # seconds before a rejected message is seen again

Consume = Callable[..., Any]


class Channel(virtual.Channel):
    """Consumes, settles and publishes. Queues exist already: `provision` makes them."""

    QoS = Window  # type: ignore[assignment]
    body_encoding = "utf-8"

    def __init__(self, connection: Transport, **kwargs: Any) -> None:
        super().__init__(connection, **kwargs)
        self._options = Options.read(cast(Any, connection.client).transport_options)
        self._consumes: dict[str, Consume] = {}
        self._receivers: dict[str, Receiver] = {}
        self._settlers: dict[str, Settler] = {}

    @property
    def window(self) -> Window:
        return cast(Window, self.qos)

    @property
    def transport(self) -> Transport:
        return cast(Transport, self.connection)

    # Consuming

    def basic_consume(
        self, queue: str, no_ack: bool, callback: Any, consumer_tag: Any, **kwargs: Any
    ) -> Any:
        """Starts to receive from a queue; `callback` gets its messages."""
        super().basic_consume(queue, no_ack, callback, consumer_tag, **kwargs)
        self._consumes[queue] = callback
        self._settlers[queue] = Settler(queue, self._options.visibility_timeouts[queue])
        self._receivers[queue] = self._receiver(queue)
        self._receivers[queue].start()

    def basic_cancel(self, consumer_tag: str) -> None:
        """Stops receiving; what has arrived and what the open poll brings goes back at once."""
        queue = cast(Any, self)._tag_to_queue.get(consumer_tag, "")
        if queue in self._consumes:
            self._receivers[queue].stop()
            del self._consumes[queue]
        super().basic_cancel(consumer_tag)
        self.transport.return_inbox(self)

    def deliver(self, queue: str, messages: list[RawMessage]) -> None:
        """Hands messages to the consumer, or back to the queue when it is gone."""
        consume = self._consumes.get(queue)
        for raw in messages:
            if consume is None:
                self._return(queue, raw, delay=0)
            else:
                self._deliver_one(queue, raw, consume)

    def _deliver_one(self, queue: str, raw: RawMessage, consume: Consume) -> None:
        """A message that is no task goes back each time, and so ends among the dead letters."""
        try:
            message = virtual.Message(unpack(raw, queue), channel=self)
        except Unreadable as reason:
            logger.warning("Message %s on %s is unreadable: %s", raw["MessageId"], queue, reason)
            self._return(queue, raw, delay=retry_delay(raw))
            return
        self.window.append(message, raw["ReceiptHandle"])
        try:
            consume(message)
        except Exception:
            logger.exception("Message %s on %s is no task", raw["MessageId"], queue)
            self.basic_reject(raw["ReceiptHandle"])

    def _receiver(self, queue: str) -> Receiver:
        def arrive(messages: list[RawMessage]) -> None:
            if queue in self._consumes:
                self.transport.inbox.put((self, queue, messages))
            else:
                self.deliver(queue, messages)

        return Receiver(queue, self.window, arrive, self._options)

    # Settling; any thread may call these

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        """Has a message deleted soon; its place in the window is free at once."""
        message = self.window.ack(delivery_tag)
        if message is not None:
            self._settlers[message.delivery_info["routing_key"]].delete(delivery_tag)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Gives a message back: to others at once, or later each time until it is a dead letter."""
        message = self.window.ack(delivery_tag)
        if message is not None:
            delay = 0 if requeue else retry_delay(message.delivery_info["sqs_message"])
            self._settlers[message.delivery_info["routing_key"]].release(delivery_tag, delay)

    def _return(self, queue: str, raw: RawMessage, delay: int) -> None:
        self.window.give_back(1)
        self._settlers[queue].release(raw["ReceiptHandle"], delay)

    # Publishing

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        one = entry(message)
        aws.sqs().send_message(
            QueueUrl=queue_url(queue),
            MessageBody=one["MessageBody"],
            MessageGroupId=one["MessageGroupId"],
            MessageDeduplicationId=one["MessageDeduplicationId"],
        )

    # Closing

    def close(self) -> None:
        """Waits for open polls and settles everything, so that no message stays hidden."""
        if self.closed:
            return
        for tag in list(cast(Any, self)._consumers):
            self.basic_cancel(tag)
        for receiver in self._receivers.values():
            receiver.join()
        self.transport.return_inbox(self)
        super().close()
        for settler in self._settlers.values():
            settler.drain(self._options.margin_seconds)


Arrival = tuple[Channel, str, list[RawMessage]]


class Transport(virtual.Transport):
    """What `broker_transport` names."""

    Channel = Channel
    driver_type = driver_name = "sqs"
    connection_errors = (*virtual.Transport.connection_errors, BotoCoreError, ClientError)
    # Celery's remote control needs other kinds of exchange and would make queues of its own.
    implements = virtual.Transport.implements.extend(
        asynchronous=False, exchange_type=frozenset(["direct"])
    )

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.inbox: SimpleQueue[Arrival] = SimpleQueue()

    @property
    def default_connection_params(self) -> dict[str, Any]:
        """None: boto3's environment says where SQS is."""
        return {}

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Delivers the messages of one receive; raises TimeoutError when there are none."""
        if stopping():
            raise TimeoutError
        try:
            arrival = self.inbox.get(timeout=min(timeout or TICK_SECONDS, TICK_SECONDS))
        except Empty:
            raise TimeoutError from None
        if stopping():  # The signal came during the wait; cancelling the consumer returns it.
            self.inbox.put(arrival)
            raise TimeoutError
        channel, queue, messages = arrival
        channel.deliver(queue, messages)

    def return_inbox(self, channel: virtual.Channel) -> None:
        """Has the channel deliver what waits for it; without a consumer that gives it back."""
        waiting = [self.inbox.get() for _ in range(self.inbox.qsize())]
        for owner, queue, messages in waiting:
            if owner is channel:
                owner.deliver(queue, messages)
            else:
                self.inbox.put((owner, queue, messages))


def retry_delay(message: RawMessage) -> int:
    """Seconds until a rejected message is seen again.

    None the first time, then one more each time: prompt, but no hot loop without dead letters.
    """
    return min(receives(message) - 1, LONGEST_DELAY)
