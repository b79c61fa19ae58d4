"""A whole installation as its operators see it: processes, logs, database, catalogue and bill."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import psycopg
from boto3.dynamodb.types import TypeDeserializer
from psycopg.rows import dict_row

from local import identities, ports
from local.product import PROVISION, WEB, Product
from mangaassist.iam import POLICY_NAME
from mangaassist.resources import CATALOG_TABLE, Role
from tests.acceptance.api import Api
from tests.simulator import Simulator
from tests.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient

LONGEST_WAIT = 90.0  # seconds for anything that a test awaits, also on a busy machine
LOOK_EVERY = 0.1  # seconds
KINDS = ("synopsis", "tags")
OF_RELEASE = (
    "SELECT item.* FROM enrichment_item item JOIN enrichment_job job ON job.id = item.job_id"
    " JOIN enrichment_release release ON release.id = job.release_id"
    " WHERE release.name = %s ORDER BY item.id"
)

Row = dict[str, Any]

_numbers = count(1)
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Running:
    """A process of the product and the file it prints to."""

    process: subprocess.Popen[bytes]
    file: Path

    @property
    def log(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def kill(self) -> None:
        """Ends it as the kernel does when memory runs out."""
        self.process.kill()
        self.process.wait()

    def finish(self) -> int:
        """Asks it to end, waits, and returns its exit status."""
        self.process.terminate()
        return self.process.wait(LONGEST_WAIT)


class Site:
    """A stack of its own with the product on it; tests start and kill processes as they like."""

    def __init__(self, stack: Stack) -> None:
        """Makes tables, queues, roles and keys."""
        self.stack = stack
        self.simulator = Simulator(stack.simulator_url)
        self.product = Product(stack.data)
        self.product.prepare()

    def start_worker(self, slots: int = 1) -> Running:
        number = next(_numbers)
        process = self.product.start_worker(slots, number)
        return Running(process, self.stack.data / f"worker-{number}.log")

    def start_workers(self, processes: int, slots: int = 1) -> list[Running]:
        """Starts workers and waits until each has written its beat."""
        workers = [self.start_worker(slots) for _ in range(processes)]
        for worker in workers:
            self._wait_for_beat(worker)
        return workers

    def start_keeper(self) -> Running:
        number = next(_numbers)
        process = self.product.start_keeper(number)
        return Running(process, self.stack.data / f"keeper-{number}.log")

    def start_maintenance(self) -> Running:
        """Starts a maintenance worker and waits for its beat."""
        process = self.product.start_maintenance()
        worker = Running(process, self.stack.data / "maintenance.log")
        self._wait_for_beat(worker)
        return worker

    def start_web(self) -> Api:
        """Serves the site; returns its API for a new user in the role of an editor."""
        number = next(_numbers)
        port = ports.free()
        self.product.start_web(port)
        (user,) = self.rows(
            "INSERT INTO auth_user (username, password, first_name, last_name, email, is_active,"
            " is_staff, is_superuser, date_joined)"
            " VALUES (%s, '', '', '', '', true, false, false, now()) RETURNING id", f"u{number}",
        )  # fmt: skip
        self.execute(
            "INSERT INTO auth_user_groups (user_id, group_id)"
            " SELECT %s, id FROM auth_group WHERE name = 'editor'", user["id"],
        )  # fmt: skip
        token = f"token-{number}"
        self.execute(
            "INSERT INTO authtoken_token (key, created, user_id) VALUES (%s, now(), %s)",
            token, user["id"],
        )  # fmt: skip
        api = Api(f"http://127.0.0.1:{port}", token, self.wait)
        self.wait(api.is_served)
        return api

    def stop(self) -> None:
        """Stops every process and forgets who was there."""
        self.product.stop()
        self.product.running.clear()
        self.execute("DELETE FROM mangaassist_workerbeat")
        self.simulator.reset()

    def release(self, titles: int) -> Path:
        """Writes a file of so many new titles."""
        number = next(_numbers)
        rows = [{"id": f"R{number}-{n}", "titleJp": f"ひまわり探偵 第{n}部"} for n in range(titles)]
        path = self.stack.data / f"release-{number}.jsonl"
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        return path

    def enrich(self, release: Path, *options: str) -> int:
        """Runs manage.py enrich with the rights of the web, and returns its exit status."""
        return self.product.manage(WEB, "enrich", str(release), *options, check=False)

    def items(self, release: Path) -> list[Row]:
        return self.rows(OF_RELEASE, release.name)

    def in_state(self, release: Path, *states: str) -> set[int]:
        return {item["id"] for item in self.items(release) if item["state"] in states}

    def all_done(self, release: Path) -> bool:
        return {item["state"] for item in self.items(release)} == {"done"}

    def alarm(self, name: str) -> str:
        """What an alarm says now; nothing before it was first evaluated."""
        states = "SELECT state FROM mangaassist_alarmstate WHERE name = %s"
        return "".join(row["state"] for row in self.rows(states, name))

    def writers(self, release: Path) -> dict[int, set[int]]:
        """Item → the items that wrote its title's synopsis and tags, as the catalogue has it."""
        catalogue = self.catalogue()
        return {
            item["id"]: {int(catalogue[item["title_id"]][kind]["item"]) for kind in KINDS}
            for item in self.items(release)
        }

    def calls(self, release: Path) -> dict[int, int]:
        """Item → the Bedrock calls about its title."""
        asked = self.simulator.stats()["by_prompt"]
        return {item["id"]: asked.get(item["title_id"], 0) for item in self.items(release)}

    def catalogue(self) -> dict[str, Row]:
        """Title → its enrichment."""
        dynamodb: DynamoDBClient = self._aws("dynamodb")
        scan = dynamodb.get_paginator("scan")
        pages = scan.paginate(TableName=CATALOG_TABLE.name, ConsistentRead=True)
        rows = [row for page in pages for row in page["Items"]]
        return {row[CATALOG_TABLE.key]["S"]: _deserialize(row["enrichment"]) for row in rows}

    def misname_table(self, role: Role) -> None:
        """Makes a role's policy name a table that is not there, until `repair`."""
        iam: IAMClient = self._aws("iam")
        name = {"RoleName": role.name, "PolicyName": POLICY_NAME}
        policy = json.dumps(iam.get_role_policy(**name)["PolicyDocument"])
        wrong = policy.replace(f"table/{CATALOG_TABLE.name}", "table/manga-products")
        iam.put_role_policy(**name, PolicyDocument=wrong)
        identities.refresh(self.stack.data)

    def repair(self) -> None:
        """What staff do after a mistake in AWS: manage.py provision."""
        self.product.run(PROVISION)
        identities.refresh(self.stack.data)

    def rows(self, query: str, *parameters: object) -> list[Row]:
        with psycopg.connect(self.database, row_factory=dict_row) as connection:
            return connection.execute(query.encode(), parameters).fetchall()

    def execute(self, statement: str, *parameters: object) -> None:
        with psycopg.connect(self.database) as connection:
            connection.execute(statement.encode(), parameters)

    def wait(self, reached: Callable[[], bool], seconds: float = LONGEST_WAIT) -> None:
        """Looks until something is so; fails with the logs when that takes too long."""
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline, self._logs()
            time.sleep(LOOK_EVERY)

    @property
    def database(self) -> str:
        return self.stack.common["DATABASE_URL"]

    def _wait_for_beat(self, worker: Running) -> None:
        beats = "SELECT * FROM mangaassist_workerbeat WHERE worker LIKE %s"
        self.wait(lambda: bool(self.rows(beats, f"%:{worker.process.pid}")))

    def _logs(self) -> str:
        files = sorted(self.stack.data.glob("*.log"))
        return "\n".join(f"{file.name}:\n{file.read_text()[-2_000:]}" for file in files)

    def _aws(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.stack.common["AWS_ENDPOINT_URL"],
            region_name=self.stack.common["AWS_REGION"],
            aws_access_key_id=self.stack.admin["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.stack.admin["AWS_SECRET_ACCESS_KEY"],
        )
