"""Makes queues, tables, roles and the search as they should be; safe to repeat."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

from mangaassist import aws, collection, iam
from mangaassist.changes import Change
from mangaassist.errors import Misconfigured, naming
from mangaassist.resources import QUEUES, ROLES, TABLES, Queue, Role, Table, queue_arn
from mangaassist.search import indices

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeySchemaElementTypeDef, TableDescriptionTypeDef
    from mypy_boto3_sqs.literals import QueueAttributeNameType

FORTNIGHT = 14 * 24 * 3600  # seconds; the longest that SQS keeps a message
LIVING = ("ENABLED", "ENABLING")  # states of a table's expiry
HIGH_THROUGHPUT = {
    "FifoQueue": "true",
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
}

Attributes = dict["QueueAttributeNameType", str]
Keys = tuple[str, str | None]  # partition key and sort key


def provision() -> list[Change]:
    """Creates what is missing and repairs what differs.

    Raises Misconfigured for a missing permission or a table with another key, Temporary or
    Throttled when AWS does not answer.
    """
    with naming("sts:GetCallerIdentity", "this account"):
        caller = aws.sts().get_caller_identity()
    account = caller["Account"]
    changes: list[Change] = []
    for queue in QUEUES:
        changes.append(_queue(queue.dead_letters, dead_letter_attributes(queue, account)))
        changes.append(_queue(queue.name, queue_attributes(queue, account)))
    for table in TABLES:
        changes += [_table(table), _recovery(table), *_expiry(table)]
    for role in ROLES:
        changes += [_role(role, account), _policy(role, account)]
    if settings.OPENSEARCH_SERVICE == collection.SERVICE:
        changes += collection.provision(account, caller["Arn"])
    return [*changes, *_titles_index()]


def queue_attributes(queue: Queue, account: str) -> Attributes:
    """How a work queue must be set up."""
    dead_letters = queue_arn(queue.dead_letters, settings.AWS_REGION, account)
    redrive = {"deadLetterTargetArn": dead_letters, "maxReceiveCount": queue.max_receives}
    return _attributes(
        VisibilityTimeout=str(queue.visibility_timeout), RedrivePolicy=json.dumps(redrive)
    )


def dead_letter_attributes(queue: Queue, account: str) -> Attributes:
    """How its dead-letter queue must be set up: patient, and open to this source alone."""
    source = queue_arn(queue.name, settings.AWS_REGION, account)
    allow = {"redrivePermission": "byQueue", "sourceQueueArns": [source]}
    return _attributes(MessageRetentionPeriod=str(FORTNIGHT), RedriveAllowPolicy=json.dumps(allow))


def differing(wanted: Attributes, found: Mapping[QueueAttributeNameType, str]) -> Attributes:
    """The wanted attributes that a queue does not have yet; JSON counts by content."""
    return {
        name: value
        for name, value in wanted.items()
        if name not in found or _content(found[name]) != _content(value)
    }


def _attributes(**extra: str) -> Attributes:
    return cast("Attributes", HIGH_THROUGHPUT | extra)


def _content(value: str) -> Any:
    return json.loads(value) if value.startswith("{") else value


def _queue(name: str, wanted: Attributes) -> Change:
    resource = f"queue {name}"
    url = _queue_url(name)
    if url is None:
        with naming("sqs:CreateQueue", resource):
            aws.sqs().create_queue(QueueName=name, Attributes=wanted)
        return Change("queue", name, "created")
    with naming("sqs:GetQueueAttributes", resource):
        found = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    different = differing(wanted, found["Attributes"])
    if not different:
        return Change("queue", name, "unchanged")
    with naming("sqs:SetQueueAttributes", resource):
        aws.sqs().set_queue_attributes(QueueUrl=url, Attributes=different)
    return Change("queue", name, "changed")


def _queue_url(name: str) -> str | None:
    with naming("sqs:GetQueueUrl", f"queue {name}"):
        try:
            return aws.sqs().get_queue_url(QueueName=name)["QueueUrl"]
        except aws.sqs().exceptions.QueueDoesNotExist:
            return None


def _table(table: Table) -> Change:
    resource = f"table {table.name}"
    client = aws.dynamodb()
    with naming("dynamodb:DescribeTable", resource):
        try:
            found = client.describe_table(TableName=table.name)["Table"]
        except client.exceptions.ResourceNotFoundException:
            return _create_table(table)
    _require_keys(table, found)
    _await_table(table)
    if found.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
        return Change("table", table.name, "unchanged")
    with naming("dynamodb:UpdateTable", resource):
        client.update_table(TableName=table.name, BillingMode="PAY_PER_REQUEST")
    _await_table(table)
    return Change("table", table.name, "changed")


def _require_keys(table: Table, found: TableDescriptionTypeDef) -> None:
    """Raises Misconfigured for other keys than ours, of the table or of its index."""
    pairs = [_pair(found["KeySchema"])]
    pairs += [_pair(index["KeySchema"]) for index in found.get("GlobalSecondaryIndexes", ())]
    wanted = [(table.key, table.sort)]
    if table.index:
        wanted.append((table.index.key, table.index.sort))
    if pairs != wanted:
        message = (
            f"table {table.name} has the keys {_spelled(pairs)}, not {_spelled(wanted)}; "
            "DynamoDB cannot change a key, so move its rows and delete it, then provision again."
        )
        raise Misconfigured("table_key", message)


def _pair(schema: Iterable[KeySchemaElementTypeDef]) -> Keys:
    names = {key["KeyType"]: key["AttributeName"] for key in schema}
    return names["HASH"], names.get("RANGE")


def _spelled(pairs: Iterable[Keys]) -> str:
    return ", ".join("/".join(name for name in pair if name) for pair in pairs)


def _create_table(table: Table) -> Change:
    keys: list[Keys] = [(table.key, table.sort)]
    optional: Any = {}
    if index := table.index:
        keys.append((index.key, index.sort))
        schema = _schema(keys[1])
        projection = {"ProjectionType": "KEYS_ONLY"}
        made = {"IndexName": index.name, "KeySchema": schema, "Projection": projection}
        optional = {"GlobalSecondaryIndexes": [made]}
    with naming("dynamodb:CreateTable", f"table {table.name}"):
        aws.dynamodb().create_table(
            TableName=table.name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_schema(keys[0]),
            AttributeDefinitions=_definitions(keys),
            **optional,
        )
    _await_table(table)
    return Change("table", table.name, "created")


def _definitions(pairs: Iterable[Keys]) -> Any:
    """Partition keys are texts, sort keys are numbers."""
    return [
        {"AttributeName": name, "AttributeType": kind}
        for pair in pairs
        for name, kind in zip(pair, ("S", "N"), strict=True)
        if name
    ]


def _schema(keys: Keys) -> Any:
    return [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(keys, ("HASH", "RANGE"), strict=True)
        if name
    ]


def _await_table(table: Table) -> None:
    with naming("dynamodb:DescribeTable", f"table {table.name}"):
        waiter = aws.dynamodb().get_waiter("table_exists")
        waiter.wait(TableName=table.name, WaiterConfig={"Delay": 2, "MaxAttempts": 60})


def _recovery(table: Table) -> Change:
    """Point-in-time recovery: a bad release can be undone to the second."""
    resource = f"table {table.name}"
    client = aws.dynamodb()
    with naming("dynamodb:DescribeContinuousBackups", resource):
        found = client.describe_continuous_backups(TableName=table.name)
    backups = found["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    if backups.get("PointInTimeRecoveryStatus") == "ENABLED":
        return Change("recovery", table.name, "unchanged")
    with naming("dynamodb:UpdateContinuousBackups", resource):
        client.update_continuous_backups(
            TableName=table.name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
    return Change("recovery", table.name, "changed")


def _expiry(table: Table) -> list[Change]:
    """Lets DynamoDB delete the rows of a table whose time is over."""
    if not table.expires:
        return []
    resource = f"table {table.name}"
    client = aws.dynamodb()
    with naming("dynamodb:DescribeTimeToLive", resource):
        found = client.describe_time_to_live(TableName=table.name)["TimeToLiveDescription"]
    if found.get("AttributeName") == table.expires and found["TimeToLiveStatus"] in LIVING:
        return [Change("expiry", table.name, "unchanged")]
    with naming("dynamodb:UpdateTimeToLive", resource):
        client.update_time_to_live(
            TableName=table.name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": table.expires},
        )
    return [Change("expiry", table.name, "changed")]


def _titles_index() -> list[Change]:
    """An empty index of titles, if none is searched; only a reindex brings those that are there."""
    if not settings.OPENSEARCH_URL:
        return []
    if indices.searched():
        return [Change("index", indices.alias(), "unchanged")]
    for old in indices.switch(indices.create()):
        indices.delete(old)
    return [Change("index", indices.alias(), "created", "It is empty: run manage.py reindex.")]


def _role(role: Role, account: str) -> Change:
    resource = f"role {role.name}"
    wanted = iam.trust(account, settings.HOST_ROLES)
    client = aws.iam()
    with naming("iam:GetRole", resource):
        try:
            found = client.get_role(RoleName=role.name)["Role"]
        except client.exceptions.NoSuchEntityException:
            with naming("iam:CreateRole", resource):
                client.create_role(RoleName=role.name, AssumeRolePolicyDocument=json.dumps(wanted))
            return Change("role", role.name, "created")
    if found["AssumeRolePolicyDocument"] == wanted:
        return Change("role", role.name, "unchanged")
    with naming("iam:UpdateAssumeRolePolicy", resource):
        client.update_assume_role_policy(RoleName=role.name, PolicyDocument=json.dumps(wanted))
    return Change("role", role.name, "changed")


def _policy(role: Role, account: str) -> Change:
    wanted = iam.policy(role, settings.AWS_REGION, account)
    found = _policy_of(role)
    if found == wanted:
        return Change("policy", role.name, "unchanged")
    with naming("iam:PutRolePolicy", f"role {role.name}"):
        aws.iam().put_role_policy(
            RoleName=role.name, PolicyName=iam.POLICY_NAME, PolicyDocument=json.dumps(wanted)
        )
    return Change("policy", role.name, "changed" if found else "created")


def _policy_of(role: Role) -> Any:
    client = aws.iam()
    with naming("iam:GetRolePolicy", f"role {role.name}"):
        try:
            found = client.get_role_policy(RoleName=role.name, PolicyName=iam.POLICY_NAME)
        except client.exceptions.NoSuchEntityException:
            return None
    return found["PolicyDocument"]
