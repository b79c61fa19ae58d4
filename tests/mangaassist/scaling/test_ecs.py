"""Workers as tasks of ECS services, over ECS's own protocol."""

from __future__ import annotations

import pytest
from django.conf import settings

from mangaassist import aws
from mangaassist.errors import Misconfigured
from mangaassist.pools import DEFERRED, ENRICHMENT
from mangaassist.scaling.ecs import Services
from mangaassist.scaling.plan import Size
from tests.mangaassist.conftest import Account

SIZE = Size(ENRICHMENT, 5, 1, 5)


@pytest.fixture
def cluster(account: Account) -> None:
    """A cluster with a service for enrichment alone."""
    aws.ecs().create_cluster(clusterName=settings.ECS_CLUSTER)
    aws.ecs().create_service(
        cluster=settings.ECS_CLUSTER,
        serviceName="manga-enrichment-worker",
        taskDefinition="worker",
        desiredCount=1,
    )


@pytest.mark.usefixtures("cluster")
def test_a_service_gets_the_tasks_that_are_wanted() -> None:
    services = Services()
    services.scale(SIZE, 3)
    assert services.workers(ENRICHMENT) == 3
    services.scale(SIZE, 2)
    assert services.workers(ENRICHMENT) == 2


@pytest.mark.usefixtures("cluster")
def test_a_missing_service_is_named() -> None:
    with pytest.raises(Misconfigured, match="manga-deferred-worker in cluster manga is not there"):
        Services().workers(DEFERRED)


@pytest.mark.usefixtures("cluster")
def test_a_service_that_was_taken_down_is_missing() -> None:
    aws.ecs().delete_service(
        cluster=settings.ECS_CLUSTER, service="manga-enrichment-worker", force=True
    )
    with pytest.raises(Misconfigured, match="is not there"):
        Services().workers(ENRICHMENT)


@pytest.mark.usefixtures("account")
def test_a_missing_cluster_is_a_misconfiguration() -> None:
    with pytest.raises(Misconfigured, match=r"ecs:DescribeServices .*Cluster not found"):
        Services().workers(ENRICHMENT)
    with pytest.raises(Misconfigured, match=r"ecs:UpdateService .*manga-enrichment-worker"):
        Services().scale(SIZE, 2)
