"""IAM users that stand for roles, so that MiniStack holds each process to the policy of its role.

A process on AWS takes its role from the machine it runs on; here it gets the key of a user with the
same name and the same inline policies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from local import credentials, published

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

PREFIX = "manga-"
CREDENTIALS = "credentials"  # the file in the data folder
BATCHED = frozenset({"sqs:SendMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"})


def refresh(data: Path) -> list[str]:
    """Makes or updates the user of every role, publishes their keys, returns the role names.

    Raises NotRunning.
    """
    document = published.read(data)
    kept = published.load_secrets(data)
    made = _make(published.environment_of(document, "admin"), kept.roles)
    kept.roles |= made
    published.save_secrets(data, kept)
    published.publish(data, {**document, "roles": kept.roles})
    credentials.write(data / CREDENTIALS, kept.roles)
    return list(made)


def write_credentials(path: Path, environment: Mapping[str, str]) -> list[str]:
    """Does the same for a stack that no launcher runs; keys go to the file and are kept there.

    environment: address and root keys of MiniStack, by boto3's names.
    """
    kept = credentials.read(path)
    made = _make(environment, kept)
    credentials.write(path, kept | made)
    return list(made)


def _make(
    environment: Mapping[str, str], kept: Mapping[str, published.Environment]
) -> dict[str, published.Environment]:
    """Makes or updates the user of every role; role → its key, which is the kept one if it can."""
    iam = _client(environment)
    keys = {}
    for role in _roles(iam):
        _make_user(iam, role)
        _copy_policies(iam, role)
        keys[role] = _key(iam, role, kept.get(role))
    return keys


def _client(environment: Mapping[str, str]) -> IAMClient:
    import botocore.session  # Half a second, which the other commands need not wait.

    client = botocore.session.Session().create_client(
        "iam",
        region_name=environment["AWS_REGION"],
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    return cast("IAMClient", client)


def _roles(iam: IAMClient) -> Iterator[str]:
    for page in iam.get_paginator("list_roles").paginate():
        yield from (
            role["RoleName"] for role in page["Roles"] if role["RoleName"].startswith(PREFIX)
        )


def _make_user(iam: IAMClient, name: str) -> None:
    try:
        iam.create_user(UserName=name)
    except iam.exceptions.EntityAlreadyExistsException:
        return


def _copy_policies(iam: IAMClient, name: str) -> None:
    wanted = iam.list_role_policies(RoleName=name)["PolicyNames"]
    for policy in wanted:
        answer = iam.get_role_policy(RoleName=name, PolicyName=policy)
        document = cast("dict[str, Any]", answer["PolicyDocument"])
        iam.put_user_policy(
            UserName=name, PolicyName=policy, PolicyDocument=json.dumps(with_batches(document))
        )
    for policy in set(iam.list_user_policies(UserName=name)["PolicyNames"]) - set(wanted):
        iam.delete_user_policy(UserName=name, PolicyName=policy)


def with_batches(document: dict[str, Any]) -> dict[str, Any]:
    """Grants the batch forms of SQS actions too: AWS has none, MiniStack asks for them by name."""
    statements = [
        {**statement, "Action": [*statement["Action"], *_batch_actions(statement["Action"])]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": statements}


def _batch_actions(actions: list[str]) -> list[str]:
    return [f"{action}Batch" for action in actions if action in BATCHED]


def _key(iam: IAMClient, name: str, kept: published.Environment | None) -> published.Environment:
    """The kept key if MiniStack still knows it; else a new one in place of those without secret."""
    known = [key["AccessKeyId"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]]
    if kept is not None and kept["AWS_ACCESS_KEY_ID"] in known:
        return kept
    for key in known:
        iam.delete_access_key(UserName=name, AccessKeyId=key)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "AWS_ACCESS_KEY_ID": made["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"],
    }
