"""The smoke test and the worker's start checks, against sound and broken deployments."""

from __future__ import annotations

import threading
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from mangaassist import aws, canary, catalog, claude, iam, smoke
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Misconfigured, Temporary
from mangaassist.models import WorkerBeat
from mangaassist.pools import ENRICHMENT, WORKER_POOLS
from mangaassist.resources import (
    AUTOSCALER_ROLE,
    CATALOG_TABLE,
    ENRICHMENT_QUEUE,
    ENRICHMENT_ROLE,
    ROLES,
    SESSIONS_TABLE,
    WEB_ROLE,
    Role,
)
from tests.mangaassist.conftest import Account
from tests.simulator import Simulator

REGION = "us-east-1"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provisioned", "simulator")]


def failed(process: str | None = None) -> dict[str, str]:
    """Step → what went wrong."""
    return {found.step: found.detail for found in smoke.findings(process) if found.failure}


def details() -> dict[str, str]:
    return {found.step: found.detail for found in smoke.findings()}


def waiting() -> int:
    found = aws.sqs().get_queue_attributes(
        QueueUrl=queue_url(ENRICHMENT_QUEUE.name), AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def send_item(number: int) -> None:
    aws.sqs().send_message(
        QueueUrl=queue_url(ENRICHMENT_QUEUE.name),
        MessageBody="an item",
        MessageGroupId=f"title-{number}",
        MessageDeduplicationId=f"{number}:1",
    )


def live_worker() -> None:
    WorkerBeat.objects.create(
        worker="w", pool=ENRICHMENT.name, permits=10, in_use=0, done=0, failed=0,
        started_at=Now(), beat_at=Now(),
    )  # fmt: skip


def test_a_sound_deployment_passes_every_step() -> None:
    assert failed() == {}


def make_services() -> None:
    aws.ecs().create_cluster(clusterName="manga")
    for pool in WORKER_POOLS:
        aws.ecs().create_service(
            cluster="manga", serviceName=f"manga-{pool}-worker", taskDefinition="worker"
        )


def test_an_autoscaler_without_its_services_is_told_which() -> None:
    make_services()
    aws.ecs().delete_service(cluster="manga", service="manga-deferred-worker", force=True)
    assert list(failed(AUTOSCALER_ROLE.process)) == ["service manga-deferred-worker"]


def test_an_autoscaler_finds_its_services() -> None:
    make_services()  # As root: MiniStack holds ECS policies by the cluster, not by the service.
    assert failed(AUTOSCALER_ROLE.process) == {}


@pytest.mark.parametrize(
    "role", [role for role in ROLES if role != AUTOSCALER_ROLE], ids=lambda r: r.process
)
def test_each_role_passes_its_own_steps(provisioned: Account, role: Role) -> None:
    provisioned.act_with(iam.policy(role, REGION, provisioned.number))
    assert failed(role.process) == {}


def test_the_canary_is_sent_received_and_deleted_when_no_worker_lives() -> None:
    step = f"canary through {ENRICHMENT_QUEUE.name}"
    assert details()[step] == "sent, received and deleted; no enrichment worker is alive"
    assert waiting() == 0


def test_the_canary_returns_the_items_before_it() -> None:
    for number in range(25):
        send_item(number)
    assert smoke.canary_travels(ENRICHMENT).startswith("sent, received and deleted")
    assert waiting() == 25


def test_a_worker_that_lives_gets_the_canary_and_proves_it() -> None:
    live_worker()

    def work() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for message in canary._receive(ENRICHMENT_QUEUE, queue_url(ENRICHMENT_QUEUE.name)):
                identity = canary._take(ENRICHMENT_QUEUE, queue_url(ENRICHMENT_QUEUE.name), message)
                canary.canary(int(identity.removeprefix("canary:")))
                return

    worker = threading.Thread(target=work)
    worker.start()
    seen = smoke.canary_travels(ENRICHMENT)
    worker.join()
    assert seen == "sent, and a worker of enrichment wrote its row"


def test_a_worker_that_never_proves_it_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    live_worker()
    monkeypatch.setattr(smoke, "CANARY_WAIT", 0.0)
    with pytest.raises(Temporary, match="No enrichment worker wrote"):
        smoke.canary_travels(ENRICHMENT)


def test_the_canary_row_says_which_canary_came_last() -> None:
    canary.write(5)
    assert [canary.written(5), canary.written(6)] == [True, False]


def test_a_missing_queue_is_named() -> None:
    aws.sqs().delete_queue(QueueUrl=queue_url(ENRICHMENT_QUEUE.name))
    queue_url.cache_clear()
    step = f"queue {ENRICHMENT_QUEUE.name}"
    assert f"Create {step} with manage.py provision" in failed("keeper")[step]


def test_a_wrong_attribute_is_named_with_both_values() -> None:
    aws.sqs().set_queue_attributes(
        QueueUrl=queue_url(ENRICHMENT_QUEUE.name), Attributes={"VisibilityTimeout": "30"}
    )
    step = f"queue {ENRICHMENT_QUEUE.name}"
    assert "VisibilityTimeout 30 instead of 60. Run manage.py provision" in failed("web")[step]


def test_a_missing_permission_to_send_is_named(provisioned: Account) -> None:
    provisioned.act_with(iam.policy(ENRICHMENT_ROLE, REGION, provisioned.number))
    found = failed("keeper")[f"send to {ENRICHMENT_QUEUE.name}"]
    assert "must allow sqs:SendMessage" in found


def test_a_missing_table_is_named() -> None:
    aws.dynamodb().delete_table(TableName=CATALOG_TABLE.name)
    assert "Create table manga-catalog" in failed("enrichment")["catalogue write"]


@pytest.mark.parametrize(
    ("process", "step"),
    [("web", "chat sessions"), ("deferred", "chat sessions"), ("keeper", "owed answers")],
)
def test_a_missing_table_of_sessions_is_named(process: str, step: str) -> None:
    aws.dynamodb().delete_table(TableName=SESSIONS_TABLE.name)
    assert "Create table manga-chat-sessions" in failed(process)[step].replace("index owed of ", "")


@pytest.mark.parametrize("process", ["web", "deferred", "maintenance", None])
def test_a_missing_search_index_is_named(process: str | None, settings: Any) -> None:
    settings.OPENSEARCH_INDEX = "nobody-made-it"
    [missing] = [one for one in smoke._steps(process) if one[0] == "search index"]
    with pytest.raises(Misconfigured, match=r"manage\.py provision"):
        missing[1]()


def test_a_denied_model_is_named(simulator: Simulator, settings: Any) -> None:
    simulator.fault("AccessDeniedException")
    assert settings.ENRICHMENT_MODEL in failed("enrichment")[f"model {settings.ENRICHMENT_MODEL}"]


def test_an_ended_model_is_named_with_its_successor(simulator: Simulator, settings: Any) -> None:
    settings.ENRICHMENT_MODEL = claude.HAIKU_3
    simulator.ended_models(claude.HAIKU_3)
    found = failed("enrichment")[f"model {claude.HAIKU_3}"]
    assert f"use its successor {claude.HAIKU_45}" in found


@pytest.mark.parametrize("process", ["web", "deferred", "moderation", None])
def test_a_guardrail_that_does_not_exist_is_named(
    simulator: Simulator, settings: Any, process: str | None
) -> None:
    settings.GUARDRAIL_ID, settings.GUARDRAIL_VERSION = "gr1", "3"
    (detail,) = failed(process).values()
    assert "guardrail gr1, version 3, failed" in detail
    simulator.guardrail("gr1", "3", "秘密の合言葉", blocked="お答えできません。")
    assert failed(process) == {}


def test_an_error_of_the_system_checks_is_a_failed_step(settings: Any) -> None:
    settings.ENRICHMENT_MODEL = "gpt"
    assert "mangaassist.E003" in failed("web")["settings"]


def test_a_worker_starts_in_a_sound_deployment(provisioned: Account) -> None:
    provisioned.act_with(iam.policy(ENRICHMENT_ROLE, REGION, provisioned.number))
    smoke.check_worker(ENRICHMENT)


def test_a_worker_without_its_policy_does_not_start(provisioned: Account) -> None:
    provisioned.act_with(iam.policy(WEB_ROLE, REGION, provisioned.number))
    with pytest.raises(Misconfigured, match=r"^AccessDenied.*catalogue write: dynamodb:UpdateItem"):
        smoke.check_worker(ENRICHMENT)


def test_a_busy_model_does_not_keep_a_worker_from_starting(simulator: Simulator) -> None:
    simulator.fault("ThrottlingException")
    smoke.check_worker(ENRICHMENT)


def test_a_broken_canary_row_keeps_a_worker_from_starting() -> None:
    aws.dynamodb().put_item(
        TableName=CATALOG_TABLE.name,
        Item={"mangaId": {"S": canary.KEY}, "enrichment": {"S": "broken"}},
    )
    with pytest.raises(Misconfigured, match="broken_row"):
        smoke.check_worker(ENRICHMENT)


def test_the_canary_touches_no_title_of_the_catalogue() -> None:
    list(smoke.findings())
    rows = aws.dynamodb().scan(TableName=CATALOG_TABLE.name)["Items"]
    assert [row["mangaId"]["S"] for row in rows] == [canary.KEY]


def test_a_canary_whose_write_fails_is_not_delivered_again() -> None:
    aws.dynamodb().delete_table(TableName=CATALOG_TABLE.name)
    canary.canary(1)


def test_the_command_prints_a_line_per_step() -> None:
    out = StringIO()
    call_command("smoke", stdout=out)
    assert all(line.startswith("✓ ") for line in out.getvalue().splitlines())


def test_the_command_fails_with_status_1() -> None:
    aws.dynamodb().delete_table(TableName=CATALOG_TABLE.name)
    out = StringIO()
    with pytest.raises(SystemExit) as exit:
        call_command("smoke", role="enrichment", stdout=out, stderr=StringIO())
    assert exit.value.code == 1
    assert "✗ catalogue write: dynamodb:UpdateItem on table manga-catalog" in out.getvalue()


def test_the_catalogue_is_readable_before_anything_is_written() -> None:
    assert catalog.get(canary.KEY) is None
    assert smoke.catalog_is_readable() == "readable"
