"""What each role may do, as IAM policy documents with the names of `resources` and nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings

from mangaassist import claude, embedding
from mangaassist.pools import (
    DEFERRED,
    MAINTENANCE,
    MODERATION,
    WEBSOCKET,
    WORKER_POOLS,
    Pool,
    WorkerPool,
)
from mangaassist.resources import (
    AUTOSCALER_ROLE,
    CATALOG_TABLE,
    DEFERRED_QUEUE,
    ENRICHMENT_QUEUE,
    KEEPER_ROLE,
    MODERATION_QUEUE,
    QUEUES,
    SESSIONS_TABLE,
    WEB_ROLE,
    Role,
    index_arn,
    queue_arn,
    service_arn,
    table_arn,
)

POLICY_NAME = "mangaassist"
WATCH = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl")
CONSUME = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", *WATCH)
LOOK = ("sqs:ReceiveMessage", "sqs:ChangeMessageVisibility")  # at dead letters, and put them back
# The web process sends to them: work on answers, and samples of what a job would write.
SENT_TO = (MODERATION_QUEUE, DEFERRED_QUEUE, ENRICHMENT_QUEUE)
CHAT_WORKERS = (MODERATION, DEFERRED)
SEARCHING = (DEFERRED, MAINTENANCE)  # worker pools that search titles, or write what is searched
# The address of a domain, or of a Serverless collection, tells its ARN.
COLLECTION = re.compile(r"https://(\w+)\.(?:[\w-]+\.aoss\.amazonaws\.com|aoss\.[\w-]+\.on\.aws)")
DOMAIN = re.compile(r"https://(?:search|vpc)-([\w-]+)-\w+\.[\w-]+\.es\.amazonaws\.com")
INVOKE = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")

Statement = dict[str, Any]
Document = dict[str, Any]


def policy(role: Role, region: str, account: str) -> Document:
    """The least that the processes of a role need. Raises KeyError for an unknown role."""
    if role == WEB_ROLE:
        return _document(_web(region, account))
    if role == KEEPER_ROLE:
        return _document(_keeper(region, account))
    if role == AUTOSCALER_ROLE:
        return _document(_autoscaler(region, account))
    pool = {pool.role: pool for pool in WORKER_POOLS.values()}[role]
    return _document(_worker(pool, region, account))


def trust(account: str, hosts: Iterable[str] = ()) -> Document:
    """Who may take a role: ECS tasks of this account, and the roles of hosts, by their ARNs."""
    task: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return _document([
        task,
        *(
            {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
            for arn in hosts
        ),
    ])  # fmt: skip


def model_arns(model_id: str, region: str, account: str) -> list[str]:
    """What a call of a model touches: the model itself or, for an inference profile, both.

    A profile forwards to regions of its own choice, and a global one to a model without region.
    """
    bare = claude.find(model_id).id
    if model_id == bare:
        return [f"arn:aws:bedrock:{region}::foundation-model/{bare}"]
    models = [f"arn:aws:bedrock:*::foundation-model/{bare}"]
    if model_id.startswith("global."):
        models.append(f"arn:aws:bedrock:::foundation-model/{bare}")
    return [f"arn:aws:bedrock:{region}:{account}:inference-profile/{model_id}", *models]


def _web(region: str, account: str) -> list[Statement]:
    catalog = table_arn(CATALOG_TABLE.name, region, account)
    queues = [queue_arn(queue.name, region, account) for queue in QUEUES]
    dead_letters = [queue_arn(queue.dead_letters, region, account) for queue in QUEUES]
    sent_to = [queue_arn(queue.name, region, account) for queue in SENT_TO]
    keep = ("PutItem", "UpdateItem", "Query", "BatchWriteItem")
    return [
        _allow("ReadCatalog", ["dynamodb:BatchGetItem", "dynamodb:GetItem"], [catalog]),
        _allow("WatchQueues", WATCH, queues),
        _allow("LookAtDeadLetters", [*WATCH, *LOOK], dead_letters),
        _allow("Send", ["sqs:SendMessage"], sent_to),
        _sessions(keep, region, account),
        *_models(WEBSOCKET, region, account),
        *_search(region, account),
        *_guardrail(region, account),
        *_gateway(region, account),
    ]


def _sessions(operations: Iterable[str], region: str, account: str) -> Statement:
    table = table_arn(SESSIONS_TABLE.name, region, account)
    return _allow("Sessions", [f"dynamodb:{operation}" for operation in operations], [table])


def _models(pool: Pool, region: str, account: str) -> list[Statement]:
    """The calls of a pool; none for one that asks no model."""
    arns = [
        arn for name in pool.models for arn in model_arns(getattr(settings, name), region, account)
    ]
    return [_allow("InvokeModel", INVOKE, dict.fromkeys(arns))] if arns else []


def _search(region: str, account: str) -> list[Statement]:
    """Vectors of texts, and the server that is searched; what it lets a role do is its own policy.

    A server that is not AWS's asks for no permission.
    """
    model = f"arn:aws:bedrock:{region}::foundation-model/{embedding.MODEL}"
    statements = [_allow("Embed", ["bedrock:InvokeModel"], [model])]
    if found := COLLECTION.match(settings.OPENSEARCH_URL):
        collection = f"arn:aws:aoss:{region}:{account}:collection/{found[1]}"
        statements.append(_allow("Search", ["aoss:APIAccessAll"], [collection]))
    elif found := DOMAIN.match(settings.OPENSEARCH_URL):
        verbs = [f"es:ESHttp{verb}" for verb in ("Delete", "Get", "Head", "Post", "Put")]
        domain = f"arn:aws:es:{region}:{account}:domain/{found[1]}/*"
        statements.append(_allow("Search", verbs, [domain]))
    return statements


def _guardrail(region: str, account: str) -> list[Statement]:
    """The guardrail of the chat, if one is configured."""
    if not settings.GUARDRAIL_ID:
        return []
    arn = f"arn:aws:bedrock:{region}:{account}:guardrail/{settings.GUARDRAIL_ID}"
    return [_allow("ApplyGuardrail", ["bedrock:ApplyGuardrail"], [arn])]


def _gateway(region: str, account: str) -> list[Statement]:
    """The connections of the chat's API Gateway, if there is one."""
    if not settings.CHAT_GATEWAY_API:
        return []
    arn = f"arn:aws:execute-api:{region}:{account}:{settings.CHAT_GATEWAY_API}/*/@connections/*"
    return [_allow("SpeakToPages", ["execute-api:ManageConnections"], [arn])]


def _keeper(region: str, account: str) -> list[Statement]:
    queues = [queue_arn(queue.name, region, account) for queue in QUEUES]
    dead_letters = [queue_arn(queue.dead_letters, region, account) for queue in QUEUES]
    owed = index_arn(SESSIONS_TABLE, region, account)
    return [
        _allow("Send", ["sqs:SendMessage", *WATCH], queues),
        _allow("RedriveDeadLetters", CONSUME, dead_letters),
        _allow("FindOwed", ["dynamodb:Query"], [owed]),
        _sessions(["UpdateItem"], region, account),
    ]


def _autoscaler(region: str, account: str) -> list[Statement]:
    cluster = settings.ECS_CLUSTER
    services = [service_arn(pool, cluster, region, account) for pool in WORKER_POOLS]
    return [_allow("Scale", ["ecs:DescribeServices", "ecs:UpdateService"], services)]


def _worker(pool: WorkerPool, region: str, account: str) -> list[Statement]:
    catalog = table_arn(CATALOG_TABLE.name, region, account)
    statements = [
        _allow("Consume", CONSUME, [queue_arn(pool.queue.name, region, account)]),
        _allow("WriteCatalog", ["dynamodb:GetItem", "dynamodb:UpdateItem"], [catalog]),
    ]
    if pool in SEARCHING:
        statements.append(_allow("LookTitlesUp", ["dynamodb:BatchGetItem"], [catalog]))
        statements += _search(region, account)
    if pool == MAINTENANCE:
        queue = queue_arn(ENRICHMENT_QUEUE.name, region, account)
        statements.append(_allow("CompareWithMessages", WATCH, [queue]))
    if pool in CHAT_WORKERS:
        statements.append(_sessions(["Query", "UpdateItem"], region, account))
        statements += _guardrail(region, account)
    return [*statements, *_models(pool, region, account)]


def _allow(sid: str, actions: Iterable[str], resources: Iterable[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": list(resources),
    }


def _document(statements: list[Statement]) -> Document:
    return {"Version": "2012-10-17", "Statement": statements}
