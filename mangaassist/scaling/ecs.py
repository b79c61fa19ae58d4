"""Workers as tasks of ECS services: one service for each pool, whose desired count is set."""

from __future__ import annotations

from django.conf import settings

from mangaassist import aws
from mangaassist.errors import Misconfigured, naming
from mangaassist.pools import WorkerPool
from mangaassist.resources import service_name
from mangaassist.scaling.plan import Size


class Services:
    """Tells ECS how many tasks of each pool to run; ECS starts, replaces and drains them."""

    def workers(self, pool: WorkerPool) -> int:
        """How many tasks are wanted. Raises Misconfigured without the service, or another Failure
        when ECS does not answer."""
        name, cluster = service_name(pool.name), settings.ECS_CLUSTER
        with naming("ecs:DescribeServices", _resource(name)):
            found = aws.ecs().describe_services(cluster=cluster, services=[name])["services"]
        active = [service for service in found if service["status"] == "ACTIVE"]
        if not active:
            message = f"{_resource(name)} is not there. Create it, or set ECS_CLUSTER."
            raise Misconfigured("service_missing", message)
        return active[0]["desiredCount"]

    def scale(self, size: Size, workers: int) -> None:
        """Raises a Failure when ECS does not take it."""
        name = service_name(size.pool.name)
        with naming("ecs:UpdateService", _resource(name)):
            aws.ecs().update_service(
                cluster=settings.ECS_CLUSTER, service=name, desiredCount=workers
            )

    def tend(self) -> None:
        """Nothing: ECS looks after its tasks."""

    def close(self) -> None:
        """Nothing: the tasks go on without an autoscaler."""


def _resource(name: str) -> str:
    return f"ECS service {name} in cluster {settings.ECS_CLUSTER}"
