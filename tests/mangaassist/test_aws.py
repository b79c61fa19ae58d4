"""The boto3 clients: one per service, patient as designed, retrying where that helps."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from mangaassist import aws, bedrock, claude
from mangaassist.errors import Temporary
from mangaassist.pools import ENRICHMENT
from tests.mangaassist.conftest import Account, connections
from tests.simulator import Simulator

SERVICES: list[Callable[[], Any]] = [
    aws.sqs,
    aws.dynamodb,
    aws.bedrock_runtime,
    aws.ecs,
    aws.iam,
    aws.sts,
]


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.__name__)
def test_a_process_has_one_client_per_service(service: Callable[[], Any]) -> None:
    assert service() is service()


def test_a_failed_bedrock_call_is_not_repeated(simulator: Simulator) -> None:
    simulator.fault("InternalServerException")
    with pytest.raises(Temporary):
        bedrock.invoke(
            claude.SONNET_46, "Be brief.", [{"role": "user", "content": "Hi"}], 8,
            pool=ENRICHMENT, patience=5.0,
        )  # fmt: skip
    assert simulator.stats()["calls"] == 1


def test_reading_waits_longer_than_the_longest_poll_of_sqs() -> None:
    config: Any = aws.sqs().meta.config
    assert config.read_timeout > 20


def test_a_send_to_a_silent_sqs_is_given_up_soon(
    account: Account, silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "SEND_READ", 0.05)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{silent.getsockname()[1]}")
    account.act_as_root()
    with pytest.raises(ReadTimeoutError):
        aws.sqs().send_message(QueueUrl="http://127.0.0.1/q.fifo", MessageBody="x")
    assert connections(silent) == 3


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.__name__)
def test_every_thread_of_a_full_worker_finds_a_connection(service: Callable[[], Any]) -> None:
    assert service().meta.config.max_pool_connections >= 250
