"""The address of a queue; it contains the account, which is known only at run time."""

from __future__ import annotations

from functools import cache

from mangaassist import aws


@cache
def queue_url(name: str) -> str:
    """Asks SQS once per process; raises what boto3 raises, and asks again next time."""
    return aws.sqs().get_queue_url(QueueName=name)["QueueUrl"]
