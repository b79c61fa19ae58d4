"""One boto3 client per service and process; endpoints and credentials are boto3's own affair."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from django.conf import settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sts import STSClient

# A pool smaller than the number of threads would throw connections away, a TLS handshake each.
CONNECTIONS = 300
SEND_READ = 5.0  # seconds; a send that hangs holds up whoever sends, and what is sent is kept


@cache
def sqs() -> SQSClient:
    """SQS with a read timeout above the longest poll (20 s), and a short one for what it sends."""
    client = session().client("sqs", config=_config(connect=3, read=30, attempts=3))
    client.meta.events.register("before-call.sqs.SendMessage", _send_soon)
    return client


@cache
def dynamodb() -> DynamoDBClient:
    return session().client("dynamodb", config=_config(connect=2, read=5, attempts=3))


@cache
def bedrock_runtime() -> Any:
    """Bedrock without boto3's retries: it would repeat read timeouts and turn 25 s into 75 s."""
    return session().client("bedrock-runtime", config=_config(connect=3, read=25, attempts=1))


@cache
def gateway_connections() -> Any:
    """API Gateway's connections, whose address is that of our API: boto3 must be told it."""
    config = _config(connect=2, read=3, attempts=3)
    return session().client("apigatewaymanagementapi", config=config)


@cache
def ecs() -> ECSClient:
    return session().client("ecs", config=_config(connect=3, read=10, attempts=3))


@cache
def iam() -> IAMClient:
    return session().client("iam", config=_config(connect=3, read=10, attempts=3))


@cache
def opensearch_serverless() -> Any:
    """OpenSearch Serverless itself; `search.client` speaks to a collection."""
    return session().client("opensearchserverless", config=_config(connect=3, read=10, attempts=3))


@cache
def sts() -> STSClient:
    return session().client("sts", config=_config(connect=3, read=10, attempts=3))


def _send_soon(context: dict[str, Any], **_: Any) -> None:
    context["read_timeout"] = SEND_READ  # botocore reads this key for each call.


@cache
def session() -> boto3.Session:
    return boto3.Session(region_name=settings.AWS_REGION)


def _config(connect: float, read: float, attempts: int) -> Config:
    return Config(
        connect_timeout=connect,
        read_timeout=read,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": attempts},
        tcp_keepalive=True,
        # Together these cost a millisecond a call: a user agent rebuilt each time, and the check of
        # parameters that the service checks as well.
        user_agent="mangaassist",
        parameter_validation=False,
    )
