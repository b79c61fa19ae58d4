"""Every outside name, once: queues, tables, roles, services. All code and stand-ins read them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Queue:
    """An SQS FIFO queue and its dead-letter queue."""

    name: str
    dead_letters: str
    visibility_timeout: int = 60  # seconds; equals the item lease
    max_receives: int = 5  # receptions before a message goes to the dead-letter queue


@dataclass(frozen=True)
class Index:
    """A second order of a table's rows, by a text and a number; rows without them are not in it."""

    name: str
    key: str
    sort: str


@dataclass(frozen=True)
class Table:
    """A DynamoDB table with a string partition key.

    sort: the numeric sort key; expires: the attribute, in seconds since 1970, by which DynamoDB
    deletes rows.
    """

    name: str
    key: str
    sort: str | None = None
    expires: str | None = None
    index: Index | None = None


@dataclass(frozen=True)
class Role:
    """An IAM role that one kind of process runs with."""

    name: str
    process: str


ENRICHMENT_QUEUE = Queue(
    name="manga-enrichment-queue.fifo",
    dead_letters="manga-enrichment-dlq.fifo",
)
MAINTENANCE_QUEUE = Queue(
    name="manga-maintenance-queue.fifo",
    dead_letters="manga-maintenance-dlq.fifo",
)
MODERATION_QUEUE = Queue(
    name="manga-moderation-queue.fifo",
    dead_letters="manga-moderation-dlq.fifo",
)
DEFERRED_QUEUE = Queue(
    name="manga-deferred-queue.fifo",
    dead_letters="manga-deferred-dlq.fifo",
)
QUEUES = (ENRICHMENT_QUEUE, MODERATION_QUEUE, DEFERRED_QUEUE, MAINTENANCE_QUEUE)

CATALOG_TABLE = Table(name="manga-catalog", key="mangaId")
SESSIONS_TABLE = Table(
    name="manga-chat-sessions",
    key="sessionId",
    sort="turn",
    expires="expiresAt",
    index=Index(name="owed", key="owed", sort="dueAt"),
)
TABLES = (CATALOG_TABLE, SESSIONS_TABLE)

WEB_ROLE = Role("manga-web", "web")
AUTOSCALER_ROLE = Role("manga-autoscaler", "autoscaler")
KEEPER_ROLE = Role("manga-keeper", "keeper")
ENRICHMENT_ROLE = Role("manga-enrichment-worker", "enrichment")
MODERATION_ROLE = Role("manga-moderation-worker", "moderation")
DEFERRED_ROLE = Role("manga-deferred-worker", "deferred")
MAINTENANCE_ROLE = Role("manga-maintenance-worker", "maintenance")
ROLES = (
    WEB_ROLE,
    KEEPER_ROLE,
    AUTOSCALER_ROLE,
    ENRICHMENT_ROLE,
    MODERATION_ROLE,
    DEFERRED_ROLE,
    MAINTENANCE_ROLE,
)


def service_name(pool: str) -> str:
    """The ECS service that runs the workers of a pool."""
    return f"manga-{pool}-worker"


def service_arn(pool: str, cluster: str, region: str, account: str) -> str:
    return f"arn:aws:ecs:{region}:{account}:service/{cluster}/{service_name(pool)}"


def role_arn(role: Role, account: str) -> str:
    return f"arn:aws:iam::{account}:role/{role.name}"


def queue_arn(name: str, region: str, account: str) -> str:
    return f"arn:aws:sqs:{region}:{account}:{name}"


def table_arn(name: str, region: str, account: str) -> str:
    return f"arn:aws:dynamodb:{region}:{account}:table/{name}"


def index_arn(table: Table, region: str, account: str) -> str:
    """Of a table that has an index; raises ValueError for one without."""
    if table.index is None:
        raise ValueError(f"The table {table.name} has no index.")
    return f"{table_arn(table.name, region, account)}/index/{table.index.name}"
