"""The services of docker-compose.yml run by their very commands, here without an engine."""

from __future__ import annotations

import signal

import pytest

from local import compose, ports
from local.product import WEB
from mangaassist.pools import WEBSOCKET
from tests.acceptance.site import Site

STAND_INS = {"bedrock": "BEDROCK_PORT", "ministack": "MINISTACK_PORT"}  # that Python can ask
LASTING = sorted(
    name
    for name, service in compose.document()["services"].items()
    if "aws" in service["profiles"] and service["restart"] != "no"
)


def test_every_service_of_the_product_starts_becomes_healthy_and_ends_in_order(site: Site) -> None:
    port = str(ports.free())
    for name in LASTING:
        site.product.start(name, name, WEB_PORT=port, WEB_HOST="127.0.0.1")
    beating = "SELECT DISTINCT pool FROM mangaassist_workerbeat"
    others = {name for name in LASTING if name != WEB}
    site.wait(lambda: {row["pool"] for row in site.rows(beating)} == others | {WEBSOCKET.name})
    site.wait(lambda: site.product.probe(WEB, WEB_PORT=port).returncode == 0)
    unwell = {
        name: probe.stdout
        for name in sorted(others)
        if (probe := site.product.probe(name)).returncode != 0
    }
    assert not unwell
    ends = dict(zip(LASTING, site.product.stop(), strict=True))
    # Once it has served its last request, uvicorn lets the signal end it.
    assert ends == {name: -signal.SIGTERM if name == WEB else 0 for name in LASTING}


@pytest.mark.parametrize("name", STAND_INS)
def test_a_stand_in_is_healthy_by_its_own_check(site: Site, name: str) -> None:
    port = str(site.stack.ports[name])
    assert site.product.probe(name, **{STAND_INS[name]: port}).returncode == 0


@pytest.mark.parametrize("name", [WEB, "keeper", *STAND_INS])
def test_what_does_not_run_is_not_healthy(site: Site, name: str) -> None:
    port = str(ports.free())
    values = {"WEB_PORT": port, "BEDROCK_PORT": port, "MINISTACK_PORT": port}
    assert site.product.probe(name, **values).returncode == 1
