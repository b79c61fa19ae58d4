"""A local process is held to the policy of its role by the stand-in itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.local.clients import aws, make_table
from tests.stack import Stack, run_local

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

ROLE = "manga-identity-test"
POLICY = "identity-test"
TABLE = "identity-test"
OTHER_TABLE = "identity-test-other"
QUEUE = "identity-test.fifo"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
UPDATE = {"Key": {"id": {"S": "1"}}, "UpdateExpression": "SET a = :a"} | {
    "ExpressionAttributeValues": {":a": {"S": "b"}}
}


@pytest.fixture(scope="module")
def resources(stack: Stack) -> Iterator[str]:
    """Two tables and a queue; the value is the queue's address."""
    dynamodb = aws(stack, "dynamodb", stack.admin)
    sqs = aws(stack, "sqs", stack.admin)
    for table in (TABLE, OTHER_TABLE):
        make_table(dynamodb, table)
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    queue_url = sqs.create_queue(QueueName=QUEUE, Attributes=attributes)["QueueUrl"]
    yield queue_url
    sqs.delete_queue(QueueUrl=queue_url)
    for table in (TABLE, OTHER_TABLE):
        dynamodb.delete_table(TableName=table)


@pytest.fixture
def iam(stack: Stack) -> Iterator[IAMClient]:
    """IAM with one role that may update TABLE, send to and receive from QUEUE."""
    iam: IAMClient = aws(stack, "iam", stack.admin)
    iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
    set_policy(
        iam,
        allow(["dynamodb:UpdateItem"], f"arn:aws:dynamodb:*:*:table/{TABLE}"),
        allow(["sqs:SendMessage", "sqs:ReceiveMessage"], f"arn:aws:sqs:*:*:{QUEUE}"),
    )
    yield iam
    forget(iam)


def test_it_may_do_what_its_policy_allows(stack: Stack, iam: IAMClient, resources: str) -> None:
    keys = keys_of_role(stack)
    aws(stack, "dynamodb", keys).update_item(TableName=TABLE, **UPDATE)
    sqs = aws(stack, "sqs", keys)
    sqs.send_message(QueueUrl=resources, MessageBody="こんにちは", MessageGroupId="1")
    received = sqs.receive_message(QueueUrl=resources)["Messages"]
    assert [message["Body"] for message in received] == ["こんにちは"]


def test_a_grant_to_send_covers_sending_in_batches(
    stack: Stack, iam: IAMClient, resources: str
) -> None:
    entry = {"Id": "1", "MessageBody": "一括", "MessageGroupId": "2"}
    sqs = aws(stack, "sqs", keys_of_role(stack))
    answer = sqs.send_message_batch(QueueUrl=resources, Entries=[entry])
    assert [sent["Id"] for sent in answer["Successful"]] == ["1"]


def test_it_may_not_update_a_table_that_its_policy_does_not_name(
    stack: Stack, iam: IAMClient, resources: str
) -> None:
    dynamodb = aws(stack, "dynamodb", keys_of_role(stack))
    with pytest.raises(ClientError, match=r"AccessDeniedException.*dynamodb:UpdateItem"):
        dynamodb.update_item(TableName=OTHER_TABLE, **UPDATE)


def test_it_may_not_use_a_queue_in_a_way_that_its_policy_does_not_name(
    stack: Stack, iam: IAMClient, resources: str
) -> None:
    sqs = aws(stack, "sqs", keys_of_role(stack))
    with pytest.raises(ClientError, match=r"AccessDenied.*sqs:PurgeQueue"):
        sqs.purge_queue(QueueUrl=resources)


def test_a_wrong_secret_is_refused(stack: Stack, iam: IAMClient) -> None:
    forged = {**keys_of_role(stack), "AWS_SECRET_ACCESS_KEY": "guessed"}
    with pytest.raises(ClientError, match="signature"):
        aws(stack, "dynamodb", forged).update_item(TableName=TABLE, **UPDATE)


def test_a_second_refresh_keeps_the_key(stack: Stack, iam: IAMClient) -> None:
    assert keys_of_role(stack) == keys_of_role(stack)


def test_a_key_that_the_stand_in_lost_is_made_anew(stack: Stack, iam: IAMClient) -> None:
    lost = keys_of_role(stack)
    iam.delete_access_key(UserName=ROLE, AccessKeyId=lost["AWS_ACCESS_KEY_ID"])
    aws(stack, "sts", keys_of_role(stack)).get_caller_identity()


def test_a_changed_policy_counts_after_a_refresh(
    stack: Stack, iam: IAMClient, resources: str
) -> None:
    dynamodb = aws(stack, "dynamodb", keys_of_role(stack))
    set_policy(iam, allow(["dynamodb:UpdateItem"], f"arn:aws:dynamodb:*:*:table/{OTHER_TABLE}"))
    stack.make_identities()
    dynamodb.update_item(TableName=OTHER_TABLE, **UPDATE)


def test_a_removed_policy_is_gone_after_a_refresh(
    stack: Stack, iam: IAMClient, resources: str
) -> None:
    dynamodb = aws(stack, "dynamodb", keys_of_role(stack))
    iam.delete_role_policy(RoleName=ROLE, PolicyName=POLICY)
    stack.make_identities()
    with pytest.raises(ClientError, match=r"AccessDeniedException"):
        dynamodb.update_item(TableName=TABLE, **UPDATE)


def test_containers_find_the_key_of_a_role_in_a_file_that_boto3_reads(
    stack: Stack, iam: IAMClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "credentials"
    made = [(run_local("credentials", str(file)).split(), file.read_text()) for _ in range(2)]
    assert ROLE in made[0][0]
    assert made[0] == made[1]  # The key of the first time still holds.
    assert file.stat().st_mode & 0o777 == 0o600
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", ROLE)
    found = boto3.Session().client("sts").get_caller_identity()
    assert found["Arn"].endswith(f":user/{ROLE}")


def keys_of_role(stack: Stack) -> dict[str, str]:
    """Refreshes the identities and returns the keys of ROLE."""
    stack.make_identities()
    return stack.roles[ROLE]


def allow(actions: list[str], arn: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": arn}


def set_policy(iam: IAMClient, *statements: dict[str, Any]) -> None:
    document = {"Version": "2012-10-17", "Statement": statements}
    iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY, PolicyDocument=json.dumps(document))


def forget(iam: IAMClient) -> None:
    """Removes the role and the user that stood for it."""
    for policy in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=policy)
    iam.delete_role(RoleName=ROLE)
    for policy in iam.list_user_policies(UserName=ROLE)["PolicyNames"]:
        iam.delete_user_policy(UserName=ROLE, PolicyName=policy)
    for key in iam.list_access_keys(UserName=ROLE)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=ROLE, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=ROLE)
