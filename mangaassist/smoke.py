"""Proves that a deployment works: each step really does what the processes will do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

import structlog
from django.conf import settings
from django.core import checks
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from mangaassist import (
    aws,
    bedrock,
    canary,
    catalog,
    claude,
    embedding,
    guardrail,
    presence,
    session_rows,
)
from mangaassist.bedrock_call import LONGEST_READ, configured_guardrail
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Failure, Misconfigured, Temporary, naming
from mangaassist.iam import CHAT_WORKERS, SEARCHING
from mangaassist.pools import ENRICHMENT, MAINTENANCE, WEBSOCKET, WORKER_POOLS, Pool, WorkerPool
from mangaassist.provision import (
    Attributes,
    dead_letter_attributes,
    differing,
    queue_attributes,
)
from mangaassist.resources import (
    AUTOSCALER_ROLE,
    KEEPER_ROLE,
    QUEUES,
    WEB_ROLE,
    Queue,
    service_name,
)
from mangaassist.scaling.ecs import Services
from mangaassist.search import indices

CANARY_WAIT = 180.0  # seconds; the credit window holds up to 120 seconds of work before the canary
CANARY_LOOK = 0.5  # seconds
ANSWER_TOKENS = 8
PATIENCE = 5.0  # seconds for the quota

log = structlog.get_logger(__name__)

Run = Callable[[], str]  # returns what it saw, raises a Failure


@dataclass(frozen=True)
class Finding:
    """What one step saw; `failure` is None when all is well."""

    step: str
    detail: str
    failure: Failure | None = None


def findings(process: str | None = None) -> Iterator[Finding]:
    """Runs the steps one by one.

    process: web, keeper or a pool's name for what its role may do; None for everything, which
    needs the rights of all of them. Raises KeyError for an unknown process.
    """
    return _run(_steps(process))


def vital(pool: WorkerPool) -> Iterator[Finding]:
    """The steps without which no item of a pool can succeed."""
    return _run(_worker_steps(pool))


def check_worker(pool: WorkerPool) -> None:
    """Lets a worker start only if its work can succeed: raises Misconfigured with one clear line.

    An AWS service that is down or busy proves nothing, so that is logged and the worker starts.
    """
    for finding in vital(pool):
        if isinstance(finding.failure, Temporary):
            log.warning("start_check_inconclusive", step=finding.step, cause=finding.detail)
        elif finding.failure is not None:
            raise Misconfigured(finding.failure.code, f"{finding.step}: {finding.detail}")


def _run(steps: Iterable[tuple[str, Run]]) -> Iterator[Finding]:
    for name, run in steps:
        try:
            yield Finding(name, run())
        except Failure as failure:
            yield Finding(name, failure.message, failure)
        except DatabaseError as error:
            yield Finding(name, str(error).strip(), Temporary("database", str(error)))


def _steps(process: str | None) -> list[tuple[str, Run]]:
    common: list[tuple[str, Run]] = [("settings", settings_are_sound), ("database", is_migrated)]
    if process == WEB_ROLE.process:
        return [*common, *_queue_steps(), *_web_steps(), *_search_steps(WEBSOCKET)]
    if process == KEEPER_ROLE.process:
        sends = [(f"send to {queue.name}", partial(canary_leaves, queue)) for queue in QUEUES]
        finds: tuple[str, Run] = ("owed answers", session_rows.can_be_found)
        return [*common, *_queue_steps(), *sends, finds]
    if process == AUTOSCALER_ROLE.process:
        services = [
            (f"service {service_name(pool.name)}", partial(service_is_there, pool))
            for pool in WORKER_POOLS.values()
        ]
        return [*common, *services]
    if process is not None:
        pool = WORKER_POOLS[process]
        search = _search_steps(pool) if pool in SEARCHING else []
        looks = _guardrail_steps() if pool in CHAT_WORKERS else []
        return [*common, *_worker_steps(pool), *search, *looks]
    canaries = [
        (f"canary through {pool.queue.name}", partial(canary_travels, pool))
        for pool in WORKER_POOLS.values()
    ]
    return [
        *common, *_queue_steps(), *canaries, *_worker_steps(ENRICHMENT)[1:],
        ("chat sessions", session_rows.can_be_kept), *_guardrail_steps(),
        *_search_steps(MAINTENANCE),
    ]  # fmt: skip


def _queue_steps() -> list[tuple[str, Run]]:
    return [
        *((f"queue {queue.name}", partial(queue_is_ready, queue)) for queue in QUEUES),
        *(
            (f"queue {queue.dead_letters}", partial(dead_letters_are_ready, queue))
            for queue in QUEUES
        ),
    ]


def _web_steps() -> list[tuple[str, Run]]:
    return [
        ("catalogue read", catalog_is_readable),
        ("chat sessions", session_rows.can_be_kept),
        *(
            (f"send to {pool.queue.name}", partial(canary_leaves, pool.queue))
            for pool in CHAT_WORKERS
        ),
        *_guardrail_steps(),
        *_model_steps(WEBSOCKET),
    ]


def _guardrail_steps() -> list[tuple[str, Run]]:
    """No part of what a worker needs to start: reviews by our own rules go on without it."""
    found = configured_guardrail()
    return [(f"guardrail {found.id}, version {found.version}", guardrail_looks)] if found else []


def _search_steps(pool: Pool) -> list[tuple[str, Run]]:
    """No part of what a worker needs to start: changes of titles wait for the search."""
    return [
        ("search index", titles_are_searched),
        (f"model {embedding.MODEL}", partial(vectors_are_made, pool)),
    ]


def _model_steps(pool: Pool) -> list[tuple[str, Run]]:
    models = dict.fromkeys(getattr(settings, name) for name in pool.models)
    return [(f"model {model}", partial(model_answers, pool, model)) for model in models]


def _worker_steps(pool: WorkerPool) -> list[tuple[str, Run]]:
    steps: list[tuple[str, Run]] = [
        (f"queue {pool.queue.name}", partial(queue_is_ready, pool.queue)),
        ("catalogue write", catalog_takes_results),
    ]
    if pool in CHAT_WORKERS:
        steps.append(("chat sessions", session_rows.can_be_changed))
    return [*steps, *_model_steps(pool)]


def settings_are_sound() -> str:
    """Runs Django's system checks, ours among them."""
    found = checks.run_checks()
    errors = [message for message in found if message.level >= checks.ERROR]
    if errors:
        raise Misconfigured(
            "checks", " ".join(f"{m.id} {m.msg} {m.hint or ''}".strip() for m in errors)
        )
    warnings = ", ".join(f"{message.id} {message.msg}" for message in found)
    return f"no errors; warnings: {warnings}" if warnings else "no errors or warnings"


def is_migrated() -> str:
    """Connects and compares the migrations with the code."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in plan)
        raise Misconfigured("not_migrated", f"Run manage.py migrate; not applied: {names}.")
    return f"{connection.vendor}, all migrations applied"


def queue_is_ready(queue: Queue) -> str:
    """Compares the queue's attributes with what `provision` makes."""
    return _compare(queue.name, partial(queue_attributes, queue))


def dead_letters_are_ready(queue: Queue) -> str:
    return _compare(queue.dead_letters, partial(dead_letter_attributes, queue))


def _compare(name: str, wanted: Callable[[str], Attributes]) -> str:
    with naming("sqs:GetQueueUrl", f"queue {name}"):
        url = queue_url(name)
    with naming("sqs:GetQueueAttributes", f"queue {name}"):
        found = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    account = found["QueueArn"].split(":")[4]
    different = differing(wanted(account), found)
    if different:
        list_ = ", ".join(
            f"{key} {found.get(key)} instead of {different[key]}" for key in different
        )
        raise Misconfigured(
            "queue_attributes", f"queue {name} has {list_}. Run manage.py provision."
        )
    return f"waiting messages: {found['ApproximateNumberOfMessages']}"


def canary_leaves(queue: Queue) -> str:
    """Sends a canary; a worker of the queue will swallow it."""
    canary.send(queue, canary.stamp())
    return "the canary was taken"


def canary_travels(pool: WorkerPool) -> str:
    """Sends a canary and follows it.

    Living workers must not lose messages to us, so they get it and prove it by the canary's row.
    Without any, we receive it ourselves.
    """
    number = canary.stamp()
    canary.send(pool.queue, number)
    if presence.permits(pool.name):
        return _await_worker(pool, number)
    came, others = canary.receive(pool.queue, number)
    if came:
        return f"sent, received and deleted; no {pool.name} worker is alive"
    if others:
        return f"sent; {others} other messages were received and returned; no worker is alive"
    raise Temporary("canary_lost", f"The canary did not come back from {pool.queue.name}.")


def _await_worker(pool: WorkerPool, number: int) -> str:
    deadline = time.monotonic() + CANARY_WAIT
    while time.monotonic() < deadline:
        if canary.written(number):
            return f"sent, and a worker of {pool.name} wrote its row"
        time.sleep(CANARY_LOOK)
    message = (
        f"No {pool.name} worker wrote the canary's row within {CANARY_WAIT:.0f} s; see its log."
    )
    raise Temporary("canary_lost", message)


def catalog_takes_results() -> str:
    """Writes the canary's row under the same condition as results, and reads it back."""
    number = canary.stamp()
    canary.write(number)
    if not canary.written(number):
        raise Misconfigured("write_lost", f"{catalog.RESOURCE} took a write but does not show it.")
    return "written under a condition and read back"


def service_is_there(pool: WorkerPool) -> str:
    return f"tasks wanted: {Services().workers(pool)}"


def catalog_is_readable() -> str:
    catalog.get(canary.KEY)
    return "readable"


def titles_are_searched() -> str:
    return f"{indices.count(indices.alias())} documents in {', '.join(indices.searched())}"


def vectors_are_made(pool: Pool) -> str:
    """Makes one vector."""
    [vector] = embedding.of_titles(
        ["接続の確認"], pool=pool, patience=PATIENCE, within=LONGEST_READ
    )
    return f"made a vector of {len(vector)} numbers"


def model_answers(pool: Pool, model_id: str) -> str:
    """Makes one short call."""
    question = [{"role": "user", "content": "Reply with OK."}]
    try:
        reply = bedrock.invoke(
            model_id, "This is a connection test.", question, ANSWER_TOKENS,
            pool=pool, patience=PATIENCE,
        )  # fmt: skip
    except Misconfigured as failure:
        raise Misconfigured(
            failure.code, f"{failure.message} {end_of(model_id)}".strip()
        ) from failure
    return f"answered with {reply.output_tokens} tokens"


def guardrail_looks() -> str:
    """Asks it about a harmless sentence."""
    verdict = "denies" if guardrail.blocks("The answer is OK.") else "lets through"
    return f"{verdict} a harmless sentence"


def end_of(model_id: str) -> str:
    """Says that a model has ended and what to set instead; empty for one that lives."""
    model = claude.find(model_id)
    if not model.ended(date.today()):
        return ""
    return f"It ended on {model.end_of_life}; use its successor {model.successor}."
