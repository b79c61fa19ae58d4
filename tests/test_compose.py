"""docker-compose.yml is valid and follows our rules; tests/acceptance runs what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from enrichment.compose import PATIENCE
from local import compose
from local.product import ROOT
from mangaassist.bedrock_call import LONGEST_READ
from mangaassist.broker.options import Options
from mangaassist.pools import WORKER_POOLS
from mangaassist.resources import AUTOSCALER_ROLE, ROLES
from mangaassist.validation import FRAME_BYTES

SETTINGS = ROOT / "mangaassist" / "settings.py"
STAND_INS = {"bedrock", "identities", "ministack", "opensearch", "postgres", "valkey"}
LOOPBACK = "127.0.0.1:"
READ_BY_BOTO3 = {
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
}
READ_BY_PYTHON = {"GLIBC_TUNABLES", "PYTHONMALLOC"}
NOT_PASSED_ON = {
    "AWS_DEFAULT_REGION",  # AWS_REGION is always there and wins.
    "DEBUG",
    "VAR_DIR",  # the image's own
}
IN_AWS = {
    "AWS_FILES": "/srv/aws",
    "AWS_REGION": "ap-northeast-1",
    "DATABASE_URL": "postgresql://manga@database.example/manga",
    "OPENSEARCH_URL": "https://vpc-manga-x9y8z7.ap-northeast-1.es.amazonaws.com",
    "REDIS_URL": "rediss://redis.example:6379/0",
    "SECRET_KEY": "secret",
}
SERVICES: dict[str, Any] = compose.fill(compose.document()["services"], compose.local_values())
LASTING = {name for name, service in SERVICES.items() if service["restart"] != "no"}
PRODUCT = SERVICES.keys() - STAND_INS
each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def test_the_file_is_valid_by_the_schema_of_the_compose_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*check, compose.FILE], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@each_service
def test_an_image_has_a_version_and_is_not_the_newest_of_its_name(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:(?!latest$)[\w.-]+", SERVICES[name]["image"])


@each_service
def test_no_service_runs_as_root(name: str) -> None:
    assert SERVICES[name]["user"].partition(":")[0] not in ("", "0", "root")


@each_service
def test_a_service_can_win_no_rights(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]


@each_service
def test_a_port_is_open_to_this_machine_alone(name: str) -> None:
    assert all(port.startswith(LOOPBACK) for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize("name", sorted(LASTING))
def test_what_lasts_is_watched_and_started_again(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


@each_service
def test_a_service_waits_for_services_in_a_way_that_they_can_satisfy(name: str) -> None:
    conditions = {
        other: wish["condition"] for other, wish in SERVICES[name].get("depends_on", {}).items()
    }
    assert conditions == {
        other: "service_healthy" if other in LASTING else "service_completed_successfully"
        for other in conditions
    }


def test_stand_ins_run_without_aws_only_and_nothing_of_the_product_needs_them_to_be_there() -> None:
    assert {name for name in SERVICES if "aws" not in SERVICES[name]["profiles"]} == {
        *STAND_INS,
        "provision",
    }
    needed = {
        other
        for name in PRODUCT
        for other, wish in SERVICES[name].get("depends_on", {}).items()
        if wish.get("required", True)
    }
    assert needed == {"migrate"}


def test_without_aws_everything_runs() -> None:
    assert {name for name in SERVICES if "local" in SERVICES[name]["profiles"]} == set(SERVICES)


@pytest.mark.parametrize("name", IN_AWS)
def test_on_aws_each_of_these_must_be_given(name: str) -> None:
    assert compose.services(IN_AWS)
    with pytest.raises(compose.Unset, match=f"{name} is not set"):
        compose.services({key: value for key, value in IN_AWS.items() if key != name})


def test_the_search_may_have_no_address_until_provision_has_told_it() -> None:
    services = compose.services({**IN_AWS, "OPENSEARCH_URL": ""})
    assert services["provision"].environment["OPENSEARCH_URL"] == ""


def test_on_aws_no_service_is_sent_to_a_stand_in() -> None:
    services = compose.services(IN_AWS)
    addresses = [
        value
        for name in PRODUCT
        for variable, value in services[name].environment.items()
        if "URL" in variable
    ]
    given = ("DATABASE_URL", "OPENSEARCH_URL", "REDIS_URL")
    assert set(addresses) == {IN_AWS[name] for name in given}


@pytest.mark.parametrize("name", WORKER_POOLS)
def test_every_pool_has_a_service_with_its_slots_and_its_role(name: str) -> None:
    pool = WORKER_POOLS[name]
    service = compose.local_service(name)
    assert service.command[:4] == ["python", "manage.py", "worker", name]
    sizes = [f"--slots={pool.slots}", f"--parallel={pool.parallel}"]
    assert service.command[4:] in (sizes[:1], sizes)
    assert service.environment["AWS_PROFILE"] == pool.role.name
    assert SERVICES[name].get("deploy", {}).get("replicas", 1) == 1


@pytest.mark.parametrize("name", sorted(PRODUCT & LASTING))
def test_a_worker_has_time_to_end_what_it_runs(name: str) -> None:
    broker = Options()
    call_and_repair = 2 * (PATIENCE + LONGEST_READ)
    longest = call_and_repair + broker.wait_time_seconds + broker.margin_seconds
    assert compose.local_service(name).stop_within >= longest


def test_the_web_refuses_larger_frames_than_api_gateway_would() -> None:
    assert f"--ws-max-size={FRAME_BYTES}" in compose.local_service("web").command


def test_each_role_has_one_service() -> None:
    profiles = sorted(
        service.environment["AWS_PROFILE"]
        for service in compose.services(compose.local_values()).values()
        if "AWS_PROFILE" in service.environment
    )
    # The autoscaler's role is for ECS alone; Compose has services of fixed size.
    assert profiles == sorted(role.name for role in ROLES if role != AUTOSCALER_ROLE)


def test_only_the_set_up_is_given_root_keys() -> None:
    holders = {
        name
        for name, service in compose.services(compose.local_values()).items()
        if "AWS_SECRET_ACCESS_KEY" in service.environment
    }
    assert holders == {"identities", "provision"}


def test_every_setting_is_passed_on_and_nothing_else() -> None:
    read = set(re.findall(r'env_\w+\(\s*"(\w+)"', SETTINGS.read_text(encoding="utf-8")))
    environment = compose.document()["services"]["web"]["environment"]
    passed_on = environment.keys() - READ_BY_BOTO3 - READ_BY_PYTHON
    assert passed_on == read - NOT_PASSED_ON, "x-environment of docker-compose.yml names them all."


def test_each_image_of_ours_is_built_by_one_service_wherever_others_run_it() -> None:
    """Services that build one name at a time fail: its image "already exists"."""
    builders = [service for service in SERVICES.values() if "build" in service]
    images = [builder["image"] for builder in builders]
    images_of_all = {service["image"] for service in SERVICES.values()}
    ours = {image for image in images_of_all if image.startswith("mangaassist")}
    assert sorted(images) == sorted(ours)
    for builder in builders:
        users = [one for one in SERVICES.values() if one["image"] == builder["image"]]
        profiles = {profile for user in users for profile in user["profiles"]}
        assert profiles - {"deploy"} == set(builder["profiles"])


def test_the_image_of_ministack_has_the_version_of_the_launcher() -> None:
    locked = (ROOT / "local" / "requirements.in").read_text(encoding="utf-8")
    version = SERVICES["ministack"]["image"].partition(":")[2]
    assert f"ministack=={version}\n" in locked


def test_every_image_that_is_built_names_a_stage_of_the_dockerfile() -> None:
    stages = re.findall(r"^FROM .* AS (\S+)$", Path(ROOT, "Dockerfile").read_text(), re.MULTILINE)
    targets = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert targets <= set(stages)
