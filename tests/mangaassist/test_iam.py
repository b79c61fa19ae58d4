"""Each role may do exactly its work, on exactly its resources, in words that AWS knows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.session import get_session

from mangaassist import claude, embedding, iam
from mangaassist.pools import POOLS, WORKER_POOLS
from mangaassist.resources import (
    AUTOSCALER_ROLE,
    DEFERRED_QUEUE,
    DEFERRED_ROLE,
    ENRICHMENT_QUEUE,
    ENRICHMENT_ROLE,
    KEEPER_ROLE,
    MAINTENANCE_ROLE,
    MODERATION_QUEUE,
    MODERATION_ROLE,
    QUEUES,
    ROLES,
    WEB_ROLE,
    Queue,
    Role,
    queue_arn,
)

REGION, ACCOUNT = "ap-northeast-1", "123456789012"
WATCH = ("sqs:GetQueueAttributes", "sqs:GetQueueUrl")
CONSUME = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", *WATCH)
LOOK = ("sqs:ReceiveMessage", "sqs:ChangeMessageVisibility")
CATALOG = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/manga-catalog"
SESSIONS = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/manga-chat-sessions"
EMBEDDING = {
    ("bedrock:InvokeModel", f"arn:aws:bedrock:{REGION}::foundation-model/{embedding.MODEL}")
}
SERVICES = {"sqs": "sqs", "ecs": "ecs", "dynamodb": "dynamodb", "bedrock": "bedrock-runtime"}


def grants(role: Role) -> set[tuple[str, str]]:
    return {
        (action, resource)
        for statement in iam.policy(role, REGION, ACCOUNT)["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
        if statement["Effect"] == "Allow"
    }


def on(resource: str, *actions: str) -> set[tuple[str, str]]:
    return {(action, resource) for action in actions}


def on_queue(name: str, *actions: str) -> set[tuple[str, str]]:
    return on(queue_arn(name, REGION, ACCOUNT), *actions)


def on_model(model: str) -> set[tuple[str, str]]:
    arn = f"arn:aws:bedrock:{REGION}::foundation-model/{model}"
    return on(arn, "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")


def test_the_web_may_read_results_watch_queues_look_at_dead_letters_and_chat(settings: Any) -> None:
    settings.CHAT_MODEL, settings.CHAT_STRONG_MODEL = claude.HAIKU_3, claude.SONNET_46
    wanted = on(CATALOG, "dynamodb:BatchGetItem", "dynamodb:GetItem")
    for queue in QUEUES:
        wanted |= on_queue(queue.name, *WATCH) | on_queue(queue.dead_letters, *WATCH, *LOOK)
    for queue in (MODERATION_QUEUE, DEFERRED_QUEUE, ENRICHMENT_QUEUE):
        wanted |= on_queue(queue.name, "sqs:SendMessage")
    keep = ("PutItem", "UpdateItem", "Query", "BatchWriteItem")
    wanted |= on(SESSIONS, *(f"dynamodb:{operation}" for operation in keep))
    wanted |= on_model(claude.HAIKU_3) | on_model(claude.SONNET_46) | EMBEDDING
    assert grants(WEB_ROLE) == wanted


def test_a_configured_guardrail_may_be_asked_by_whoever_checks_chat(settings: Any) -> None:
    settings.GUARDRAIL_ID = "gr1"
    arn = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:guardrail/gr1"
    asking = {role for role in ROLES if ("bedrock:ApplyGuardrail", arn) in grants(role)}
    assert asking == {WEB_ROLE, MODERATION_ROLE, DEFERRED_ROLE}


def test_a_configured_gateway_may_be_spoken_through_by_web_alone(settings: Any) -> None:
    settings.CHAT_GATEWAY_API = "a1b2c3/live"
    arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3/live/*/@connections/*"
    speaking = {role for role in ROLES if ("execute-api:ManageConnections", arn) in grants(role)}
    assert speaking == {WEB_ROLE}


def test_the_keeper_may_send_redrive_and_find_owed_answers() -> None:
    wanted = on(f"{SESSIONS}/index/owed", "dynamodb:Query") | on(SESSIONS, "dynamodb:UpdateItem")
    for queue in QUEUES:
        wanted |= on_queue(queue.name, "sqs:SendMessage", *WATCH)
        wanted |= on_queue(queue.dead_letters, *CONSUME)
    assert grants(KEEPER_ROLE) == wanted


@pytest.mark.parametrize(
    ("role", "queue"), [(MODERATION_ROLE, MODERATION_QUEUE), (DEFERRED_ROLE, DEFERRED_QUEUE)]
)
def test_workers_of_the_chat_may_read_and_change_turns(
    role: Role, queue: Queue, settings: Any
) -> None:
    settings.CHAT_MODEL = claude.HAIKU_3
    titles = on(CATALOG, "dynamodb:BatchGetItem") | EMBEDDING if role == DEFERRED_ROLE else set()
    assert grants(role) == (
        titles
        | on_queue(queue.name, *CONSUME)
        | on(CATALOG, "dynamodb:GetItem", "dynamodb:UpdateItem")
        | on(SESSIONS, "dynamodb:Query", "dynamodb:UpdateItem")
        | on_model(claude.HAIKU_3)
    )


def test_the_autoscaler_may_size_the_services_of_the_worker_pools(settings: Any) -> None:
    settings.ECS_CLUSTER = "shop"
    wanted: set[tuple[str, str]] = set()
    for pool in WORKER_POOLS:
        service = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/shop/manga-{pool}-worker"
        wanted |= on(service, "ecs:DescribeServices", "ecs:UpdateService")
    assert grants(AUTOSCALER_ROLE) == wanted


def test_a_worker_may_consume_write_and_call_its_model(settings: Any) -> None:
    settings.ENRICHMENT_MODEL = claude.HAIKU_3
    assert grants(ENRICHMENT_ROLE) == (
        on_queue("manga-enrichment-queue.fifo", *CONSUME)
        | on(CATALOG, "dynamodb:GetItem", "dynamodb:UpdateItem")
        | on_model(claude.HAIKU_3)
    )


def test_maintenance_may_consume_write_and_make_vectors_of_what_it_reads() -> None:
    assert grants(MAINTENANCE_ROLE) == (
        on_queue("manga-maintenance-queue.fifo", *CONSUME)
        | on_queue("manga-enrichment-queue.fifo", *WATCH)
        | on(CATALOG, "dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:UpdateItem")
        | EMBEDDING
    )


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        *(
            (
                f"https://a1b2c3.{place}",
                {("aoss:APIAccessAll", f"arn:aws:aoss:{REGION}:{ACCOUNT}:collection/a1b2c3")},
            )
            for place in (f"{REGION}.aoss.amazonaws.com", f"aoss.{REGION}.on.aws")
        ),
        (
            f"https://vpc-manga-search-x9y8z7.{REGION}.es.amazonaws.com",
            {
                (f"es:ESHttp{verb}", f"arn:aws:es:{REGION}:{ACCOUNT}:domain/manga-search/*")
                for verb in ("Delete", "Get", "Head", "Post", "Put")
            },
        ),
    ],
)
def test_who_searches_may_reach_the_server_of_aws_and_no_other(
    url: str, wanted: set[tuple[str, str]], settings: Any
) -> None:
    before = {role: grants(role) for role in ROLES}
    settings.OPENSEARCH_URL = url
    new = {role: grants(role) - before[role] for role in ROLES}
    searching = {WEB_ROLE, DEFERRED_ROLE, MAINTENANCE_ROLE}
    assert new == {role: wanted if role in searching else set() for role in ROLES}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_no_role_may_touch_everything(role: Role) -> None:
    assert not [resource for _, resource in grants(role) if re.search(r"\*$|^\*", resource)]


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_every_action_is_one_that_aws_knows(role: Role) -> None:
    # IAM has no actions of their own for the batch calls of SQS.
    unknown = {
        action
        for action, _ in grants(role)
        if action.endswith("Batch") or action.split(":")[1] not in operations(action.split(":")[0])
    }
    assert not unknown


def operations(service: str) -> list[str]:
    return list(get_session().get_service_model(SERVICES[service]).operation_names)


def test_the_role_of_every_pool_has_a_policy() -> None:
    assert all(iam.policy(pool.role, REGION, ACCOUNT) for pool in POOLS.values())


def test_an_unknown_role_has_no_policy() -> None:
    with pytest.raises(KeyError):
        iam.policy(Role("stranger", "stranger"), REGION, ACCOUNT)


def test_a_model_of_this_region_is_named_alone() -> None:
    assert iam.model_arns(claude.SONNET_46, REGION, ACCOUNT) == [
        f"arn:aws:bedrock:{REGION}::foundation-model/{claude.SONNET_46}"
    ]


def test_a_geographic_profile_needs_itself_and_the_model_in_its_regions() -> None:
    assert iam.model_arns(f"jp.{claude.HAIKU_45}", REGION, ACCOUNT) == [
        f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/jp.{claude.HAIKU_45}",
        f"arn:aws:bedrock:*::foundation-model/{claude.HAIKU_45}",
    ]


def test_a_global_profile_needs_the_model_without_a_region_too() -> None:
    arns = iam.model_arns(f"global.{claude.HAIKU_45}", REGION, ACCOUNT)
    assert f"arn:aws:bedrock:::foundation-model/{claude.HAIKU_45}" in arns


def test_only_ecs_tasks_of_this_account_take_a_role() -> None:
    (statement,) = iam.trust(ACCOUNT)["Statement"]
    assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_host_that_is_named_takes_a_role_too() -> None:
    host = f"arn:aws:iam::{ACCOUNT}:role/host"
    _, statement = iam.trust(ACCOUNT, [host])["Statement"]
    assert (statement["Principal"], statement["Action"]) == ({"AWS": host}, "sts:AssumeRole")
