"""Django system checks: what can be known to be wrong before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from mangaassist import bedrock_call, claude, iam
from mangaassist.alarms.fields import BadFile
from mangaassist.alarms.parsing import FILE, parsed
from mangaassist.pools import POOLS, Pool
from mangaassist.resources import QUEUES, Queue

LONGEST_POLL = 20  # seconds; what SQS allows
MODELS = ("ENRICHMENT_MODEL", "CHAT_MODEL", "CHAT_STRONG_MODEL")  # settings


@register
def check(app_configs: object, **_: Any) -> list[CheckMessage]:
    """Checks the frozen values and the settings that hang together."""
    return [
        *queue_names(QUEUES),
        *(fault for name in MODELS for fault in model(name, getattr(settings, name), date.today())),
        *lease(QUEUES, bedrock_call.LONGEST_READ),
        *poll(settings.POLL_SECONDS),
        *pool_sizes(POOLS.values()),
        *account(POOLS.values(), settings.ACCOUNT_SLOTS),
        *worker(settings.WORKER_SLOTS),
        *search(settings.OPENSEARCH_SERVICE, settings.OPENSEARCH_URL),
        *alarms(FILE.read_text(encoding="utf-8")),
    ]


@register(Tags.security, deploy=True)
def check_deployment(app_configs: object, **_: Any) -> list[CheckMessage]:
    return [
        *secret_key(settings.SECRET_KEY, settings.SECURE_COOKIES),
        *webhook(settings.NOTIFY_WEBHOOK_URL, settings.NOTIFY_WEBHOOK_SECRET),
    ]


def queue_names(queues: Iterable[Queue]) -> Iterator[CheckMessage]:
    for queue in queues:
        if not queue.name.endswith(".fifo"):
            hint = "Only a FIFO queue keeps the sends of one title apart; its name ends in .fifo."
            yield Error(f"Queue {queue.name} is no FIFO queue.", hint, id="mangaassist.E001")
        if not queue.dead_letters.endswith(".fifo") or queue.dead_letters == queue.name:
            hint = "A FIFO queue needs another FIFO queue for its dead letters."
            yield Error(
                f"Queue {queue.name} cannot use {queue.dead_letters!r} for dead letters.",
                hint,
                id="mangaassist.E002",
            )


def model(setting: str, model_id: str, today: date) -> Iterator[CheckMessage]:
    try:
        found = claude.find(model_id)
    except KeyError:
        hint = f"Known models, with or without a geography before them: {', '.join(claude.MODELS)}."
        yield Error(f"{setting}={model_id!r} is unknown.", hint, id="mangaassist.E003")
        return
    if found.ended(today):
        hint = f"Set {setting} to its successor {found.successor}."
        yield Warning(
            f"Model {model_id} ended on {found.end_of_life}; Bedrock refuses it.",
            hint,
            id="mangaassist.W003",
        )


def lease(queues: Iterable[Queue], longest_read: float) -> Iterator[CheckMessage]:
    for queue in queues:
        if queue.visibility_timeout <= longest_read:
            hint = f"Make it longer than a Bedrock call may take, which is {longest_read:.0f} s."
            yield Error(
                f"Queue {queue.name} shows a message again after {queue.visibility_timeout} s, "
                "while its call may still run.",
                hint,
                id="mangaassist.E004",
            )


def poll(seconds: int) -> Iterator[CheckMessage]:
    if not 1 <= seconds <= LONGEST_POLL:
        hint = f"SQS holds a poll for at most {LONGEST_POLL} s; without a wait, workers spin."
        yield Error(
            f"POLL_SECONDS={seconds} is not between 1 and {LONGEST_POLL}.",
            hint,
            id="mangaassist.E011",
        )


def pool_sizes(pools: Iterable[Pool]) -> Iterator[CheckMessage]:
    for pool in pools:
        if pool.slots < 1 or pool.parallel < 1:
            hint = "Give it at least one slot and one call at a time."
            yield Error(f"Pool {pool.name} could never work.", hint, id="mangaassist.E005")


def account(pools: Collection[Pool], limit: int) -> Iterator[CheckMessage]:
    reserved = {pool.name: pool.slots for pool in pools}
    if sum(reserved.values()) > limit:
        sizes = ", ".join(f"{name} {slots}" for name, slots in reserved.items())
        hint = f"Raise ACCOUNT_SLOTS if AWS allows the account more, or shrink a pool: {sizes}."
        yield Error(
            f"The pools reserve {sum(reserved.values())} slots, but the account has {limit}.",
            hint,
            id="mangaassist.E007",
        )
    shares = sum(pool.share for pool in pools)
    if shares > 1:
        hint = "While Redis is gone, each pool uses its share of half the quota by itself."
        yield Error(f"The pools' shares add up to {shares:.2f}.", hint, id="mangaassist.E008")


def worker(slots: int) -> Iterator[CheckMessage]:
    if slots < 1:
        hint = "Give each worker at least one slot."
        yield Error(f"WORKER_SLOTS={slots} could never work.", hint, id="mangaassist.E010")


def search(service: str, url: str) -> Iterator[CheckMessage]:
    """The second keeps `provision` from making a collection beside a domain, and paying for it."""
    if service not in ("aoss", "es"):
        hint = "Use aoss for a Serverless collection, or es for a domain."
        yield Error(f"OPENSEARCH_SERVICE={service!r} is unknown.", hint, id="mangaassist.E012")
        return
    for address, wanted in ((iam.COLLECTION, "aoss"), (iam.DOMAIN, "es")):
        if address.match(url) and service != wanted:
            hint = f"Set OPENSEARCH_SERVICE={wanted}, or another OPENSEARCH_URL."
            message = f"OPENSEARCH_SERVICE={service} does not fit OPENSEARCH_URL={url}."
            yield Error(message, hint, id="mangaassist.E013")


def secret_key(key: str, secure_cookies: bool) -> Iterator[CheckMessage]:
    if secure_cookies and key.startswith("insecure"):
        hint = "Set SECRET_KEY or SECRET_KEY_FILE."
        yield Error("SECRET_KEY is the one for this machine only.", hint, id="mangaassist.E006")


def alarms(text: str) -> Iterator[CheckMessage]:
    try:
        parsed(text)
    except BadFile as error:
        hint = f"Correct {FILE.name}; its head says what each field means."
        yield Error(f"{FILE.name}: {error}", hint, id="mangaassist.E009")


def webhook(url: str, secret: str) -> Iterator[CheckMessage]:
    if url and not secret:
        hint = "Set NOTIFY_WEBHOOK_SECRET, and let the receiver verify the signature."
        yield Warning(
            "What is posted to NOTIFY_WEBHOOK_URL is not signed.", hint, id="mangaassist.W010"
        )
