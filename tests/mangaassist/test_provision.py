"""Provisioning an account: from nothing, again, and after somebody changed things."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from mangaassist import aws, iam
from mangaassist.broker.urls import queue_url
from mangaassist.changes import Change
from mangaassist.errors import Misconfigured
from mangaassist.provision import differing, provision
from mangaassist.resources import (
    CATALOG_TABLE,
    ENRICHMENT_QUEUE,
    ENRICHMENT_ROLE,
    QUEUES,
    ROLES,
    SESSIONS_TABLE,
    TABLES,
)
from mangaassist.search import indices
from tests.mangaassist.conftest import Account

REGION = "us-east-1"
QUEUE, DEAD_LETTERS, TABLE = (
    ENRICHMENT_QUEUE.name,
    ENRICHMENT_QUEUE.dead_letters,
    CATALOG_TABLE.name,
)
# Each has a second part, a table has three; and there are a collection with three policies, and
# the index of titles.
EVERYTHING = 2 * (len(QUEUES) + len(TABLES) + len(ROLES)) + 6


def attributes(name: str) -> dict[str, Any]:
    found = aws.sqs().get_queue_attributes(QueueUrl=queue_url(name), AttributeNames=["All"])
    return {name: value for name, value in found["Attributes"].items()}


def changed() -> list[Change]:
    return [change for change in provision() if change.action != "unchanged"]


def all_but(action: str) -> dict[str, Any]:
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": action, "Resource": "*"},
    ]
    return {"Version": "2012-10-17", "Statement": statements}


@pytest.fixture(autouse=True)
def own_name(settings: Any) -> Iterator[None]:
    """An index of titles that only this test has, if it makes one."""
    settings.OPENSEARCH_INDEX = f"test-{random.randrange(10**12)}"
    yield
    for name in indices.searched():
        indices.delete(name)


def test_an_empty_account_gets_everything(account: Account, settings: Any) -> None:
    roles = [Change(kind, role.name, "created") for role in ROLES for kind in ("role", "policy")]
    assert provision() == [
        *(
            Change("queue", name, "created")
            for queue in QUEUES
            for name in (queue.dead_letters, queue.name)
        ),
        Change("table", TABLE, "created"),
        Change("recovery", TABLE, "changed"),
        Change("table", SESSIONS_TABLE.name, "created"),
        Change("recovery", SESSIONS_TABLE.name, "changed"),
        Change("expiry", SESSIONS_TABLE.name, "changed"),
        *roles,
        *(
            Change(kind, "manga-titles", "created")
            for kind in ("encryption", "network", "data", "collection")
        ),
        Change(
            "index",
            settings.OPENSEARCH_INDEX,
            "created",
            "It is empty: run manage.py reindex.",
        ),
    ]


def test_an_index_that_is_searched_stays(provisioned: Account) -> None:
    before = indices.searched()
    provision()
    assert indices.searched() == before == indices.written()


def test_a_second_run_changes_nothing(provisioned: Account) -> None:
    assert changed() == []


def test_the_queue_is_a_fast_fifo_queue_with_dead_letters(provisioned: Account) -> None:
    found = attributes(QUEUE)
    assert json.loads(found["RedrivePolicy"]) == {
        "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{provisioned.number}:{DEAD_LETTERS}",
        "maxReceiveCount": 5,
    }
    assert found["VisibilityTimeout"] == "60"
    assert found["FifoQueue"] == "true"
    assert found["DeduplicationScope"] == "messageGroup"
    assert found["FifoThroughputLimit"] == "perMessageGroupId"


def test_dead_letters_stay_a_fortnight_and_come_from_one_queue(provisioned: Account) -> None:
    found = attributes(DEAD_LETTERS)
    assert found["MessageRetentionPeriod"] == "1209600"
    assert json.loads(found["RedriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [f"arn:aws:sqs:{REGION}:{provisioned.number}:{QUEUE}"],
    }


def test_the_table_is_paid_by_request_and_can_be_restored(provisioned: Account) -> None:
    table = aws.dynamodb().describe_table(TableName=TABLE)["Table"]
    backups = aws.dynamodb().describe_continuous_backups(TableName=TABLE)
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert table["KeySchema"] == [{"AttributeName": "mangaId", "KeyType": "HASH"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def test_sessions_are_read_by_turn_and_expire(provisioned: Account) -> None:
    client = aws.dynamodb()
    table = client.describe_table(TableName=SESSIONS_TABLE.name)["Table"]
    expiry = client.describe_time_to_live(TableName=SESSIONS_TABLE.name)["TimeToLiveDescription"]
    [index] = table["GlobalSecondaryIndexes"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["sessionId", "turn"]
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["owed", "dueAt"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expiresAt"}


def test_a_changed_queue_is_repaired(provisioned: Account) -> None:
    aws.sqs().set_queue_attributes(
        QueueUrl=queue_url(QUEUE), Attributes={"VisibilityTimeout": "1", "RedrivePolicy": ""}
    )
    assert changed() == [Change("queue", QUEUE, "changed")]
    assert attributes(QUEUE)["VisibilityTimeout"] == "60"
    assert "RedrivePolicy" in attributes(QUEUE)


def test_a_stale_policy_is_repaired(provisioned: Account) -> None:
    stale = json.dumps(iam.policy(ENRICHMENT_ROLE, REGION, provisioned.number))
    aws.iam().put_role_policy(
        RoleName=ENRICHMENT_ROLE.name,
        PolicyName=iam.POLICY_NAME,
        PolicyDocument=stale.replace("manga-catalog", "manga-products"),
    )
    assert changed() == [Change("policy", ENRICHMENT_ROLE.name, "changed")]


def test_a_changed_trust_is_repaired(provisioned: Account) -> None:
    aws.iam().update_assume_role_policy(
        RoleName=ENRICHMENT_ROLE.name, PolicyDocument=json.dumps(iam.trust("999999999999"))
    )
    assert changed() == [Change("role", ENRICHMENT_ROLE.name, "changed")]


def test_a_new_host_is_let_in_once(provisioned: Account, settings: Settings) -> None:
    settings.HOST_ROLES = [f"arn:aws:iam::{provisioned.number}:role/host"]
    assert changed() == [Change("role", role.name, "changed") for role in ROLES]
    assert changed() == []


def test_a_table_of_provisioned_capacity_is_paid_by_request_afterwards(account: Account) -> None:
    make_table("mangaId", BillingMode="PROVISIONED", ProvisionedThroughput=capacity())
    assert Change("table", TABLE, "changed") in changed()


def test_a_table_with_another_key_is_left_alone_and_named(account: Account) -> None:
    make_table("id", BillingMode="PAY_PER_REQUEST")
    with pytest.raises(Misconfigured, match="manga-catalog has the keys id, not mangaId"):
        provision()


def make_table(key: str, **billing: Any) -> None:
    aws.dynamodb().create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        **billing,
    )


def capacity() -> dict[str, int]:
    return {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sqs:CreateQueue", f"queue {DEAD_LETTERS}"),
        ("dynamodb:CreateTable", f"table {TABLE}"),
        ("dynamodb:UpdateContinuousBackups", f"table {TABLE}"),
        ("iam:CreateRole", f"role {ROLES[0].name}"),
        ("iam:PutRolePolicy", f"role {ROLES[0].name}"),
        ("aoss:CreateCollection", "collection manga-titles"),
        ("aoss:CreateAccessPolicy", "data policy manga-titles"),
    ],
)
def test_a_missing_permission_is_named(account: Account, action: str, resource: str) -> None:
    account.act_with(all_but(action))
    with pytest.raises(Misconfigured, match=f"{action} on {resource} failed"):
        provision()


def test_json_attributes_are_compared_by_content() -> None:
    assert (
        differing({"RedrivePolicy": '{"a":1, "b":2}'}, {"RedrivePolicy": '{"b": 2, "a": 1}'}) == {}
    )


def test_the_command_prints_one_line_per_change(account: Account) -> None:
    out = StringIO()
    call_command("provision", stdout=out)
    lines = out.getvalue().splitlines()
    assert f"created queue {QUEUE}" in lines
    assert len(lines) == EVERYTHING


def test_the_command_says_so_when_nothing_changed(provisioned: Account) -> None:
    out = StringIO()
    call_command("provision", stdout=out)
    assert out.getvalue() == f"Nothing to change: {EVERYTHING} resources are as they should be.\n"


def test_the_command_ends_with_one_line_about_what_is_missing(account: Account) -> None:
    account.act_with(all_but("sqs:CreateQueue"))
    with pytest.raises(CommandError, match=r"must allow sqs:CreateQueue"):
        call_command("provision", stdout=StringIO())
