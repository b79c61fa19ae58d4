"""Writes a mark into every store of a stack and reads it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import psycopg
import redis
from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth

from tests.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "marks"
MARK = "わたしは残る"


def aws(stack: Stack, service: str, keys: dict[str, str]) -> Any:
    """A boto3 client with exactly these keys."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=stack.common["AWS_ENDPOINT_URL"],
        region_name=stack.common["AWS_REGION"],
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )


def search(stack: Stack) -> OpenSearch:
    """A client of the collection, with the keys that no policy binds."""
    session = boto3.Session(
        aws_access_key_id=stack.admin["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=stack.admin["AWS_SECRET_ACCESS_KEY"],
    )
    region = stack.common["AWS_REGION"]
    auth = Urllib3AWSV4SignerAuth(session.get_credentials(), region, "aoss")
    return OpenSearch(stack.common["OPENSEARCH_URL"], http_auth=auth)


def write_marks(stack: Stack) -> None:
    with psycopg.connect(stack.common["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE marks (mark text)")
        connection.execute("INSERT INTO marks VALUES (%s)", [MARK])
    with redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey:
        valkey.set("mark", MARK)
    dynamodb: DynamoDBClient = aws(stack, "dynamodb", stack.admin)
    make_table(dynamodb, TABLE)
    dynamodb.put_item(TableName=TABLE, Item={"id": {"S": "mark"}, "mark": {"S": MARK}})
    with search(stack) as opensearch:
        mapping = {"properties": {"mark": {"type": "keyword"}}}
        opensearch.indices.create(index=TABLE, body={"mappings": mapping})
        opensearch.index(index=TABLE, body={"mark": MARK})


def read_marks(stack: Stack) -> dict[str, str]:
    """The mark that each store holds, by store."""
    with psycopg.connect(stack.common["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT mark FROM marks").fetchone()
    with redis.Redis.from_url(stack.common["REDIS_URL"], decode_responses=True) as valkey:
        key = valkey.get("mark")
    dynamodb: DynamoDBClient = aws(stack, "dynamodb", stack.admin)
    item = dynamodb.get_item(TableName=TABLE, Key={"id": {"S": "mark"}})["Item"]
    with search(stack) as opensearch:
        hits = opensearch.search(index=TABLE, body={"query": {"term": {"mark": MARK}}})["hits"]
    return {
        "postgres": row[0] if row else "",
        "valkey": str(key),
        "dynamodb": item["mark"]["S"],
        "opensearch": hits["hits"][0]["_source"]["mark"],
    }


def make_table(dynamodb: DynamoDBClient, name: str) -> None:
    """A table with the string key `id`."""
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
