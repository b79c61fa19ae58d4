"""The peer: plain boto3 clients that find the quota by themselves, in boto3's adaptive mode."""

from __future__ import annotations

import json
import sys
import threading
from contextlib import suppress
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from bench._caller import CALLS, MODEL
from bench._child import await_end, await_go, report

REGION = "us-east-1"


def main() -> None:
    threads, (system, messages, most) = int(sys.argv[1]), CALLS["short"]()
    config = Config(max_pool_connections=threads, retries={"mode": "adaptive"})
    bedrock: Any = boto3.client("bedrock-runtime", region_name=REGION, config=config)
    body = json.dumps({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": most,
        "system": system,
        "messages": messages,
    })  # fmt: skip

    def work() -> None:
        while True:
            # Its retries are used up; the simulator counts what it throttled.
            with suppress(ClientError):
                bedrock.invoke_model(modelId=MODEL, body=body)["body"].read()

    await_go()
    for _ in range(threads):
        threading.Thread(target=work, daemon=True).start()
    await_end()
    report({})


if __name__ == "__main__":
    main()
