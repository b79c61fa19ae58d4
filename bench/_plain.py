"""The peer: a worker as one writes it with plain Celery and boto3.

One call and one write for each title; nothing checks, counts, limits or tries again.
"""

from __future__ import annotations

import json
import os
from typing import Any

import boto3
import celery
from botocore.config import Config

from bench._releases import record_of
from enrichment.kinds import Kind
from enrichment.prompts import render
from mangaassist.language import Language
from mangaassist.resources import CATALOG_TABLE

MODEL = "global.anthropic.claude-haiku-4-5-20251001-v1:0"
REGION = "us-east-1"
TASK = "enrich_plainly"


def application(endpoint: str) -> celery.Celery:
    """Celery on kombu's own SQS transport and a standard queue."""
    app = celery.Celery("plain", broker=endpoint.replace("http://", "sqs://test:test@"))
    app.conf.update(
        task_default_queue="bench-plain",
        task_acks_late=True,
        task_ignore_result=True,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"region": REGION, "is_secure": False},
    )
    return app


app = application(os.environ.get("AWS_ENDPOINT_URL", "http://localhost"))
config = Config(max_pool_connections=300, retries={"total_max_attempts": 1})
bedrock: Any = boto3.client("bedrock-runtime", region_name=REGION, config=config)
dynamodb: Any = boto3.client("dynamodb", region_name=REGION, config=config)


@app.task(name=TASK)
def enrich(row: dict[str, str]) -> None:
    """Writes what the model says of a row of the release file to the catalogue."""
    title = record_of(row)
    prompt = render(title, [Kind.SYNOPSIS, Kind.TAGS], [Language.JA])
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": prompt.max_tokens,
        "system": prompt.system,
        "messages": prompt.messages,
    }
    answer = bedrock.invoke_model(modelId=MODEL, body=json.dumps(body))
    text = json.loads(answer["body"].read())["content"][0]["text"]
    dynamodb.update_item(
        TableName=CATALOG_TABLE.name,
        Key={CATALOG_TABLE.key: {"S": title.id}},
        UpdateExpression="SET titleJp = :t, enrichment = :e",
        ExpressionAttributeValues={":t": {"S": title.title_jp}, ":e": {"S": text}},
    )
