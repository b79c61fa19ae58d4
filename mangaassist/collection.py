"""The collection of OpenSearch Serverless that holds the search index, and who may reach it."""

from __future__ import annotations

import json
import time
from typing import Any

from django.conf import settings

from mangaassist import aws
from mangaassist.changes import Change
from mangaassist.errors import Misconfigured, Temporary, naming
from mangaassist.resources import DEFERRED_ROLE, MAINTENANCE_ROLE, WEB_ROLE, role_arn

SERVICE = "aoss"  # that requests are signed for
TYPE = "VECTORSEARCH"  # the only one with vectors
READY_WITHIN = 900.0  # seconds; a collection takes some minutes
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds between two looks whether it is ready
READERS, WRITERS = (WEB_ROLE, DEFERRED_ROLE), (MAINTENANCE_ROLE,)
READ, WRITE = ("ReadDocument", "DescribeIndex"), ("*",)

Policy = Any  # as its JSON says


def provision(account: str, caller: str) -> list[Change]:
    """Creates what is missing and repairs what differs; waits until the collection can be used.

    caller: the ARN of whoever provisions, who makes the index next. An encryption policy is never
    changed, since that does not reach a collection that is there. Raises a Failure.
    """
    name = settings.OPENSEARCH_COLLECTION
    return [
        _policy("security", "encryption", encryption(name), repaired=False),
        _policy("security", "network", network(name, settings.OPENSEARCH_VPC_ENDPOINTS)),
        _policy("access", "data", access(name, account, principal(caller))),
        _collection(name),
    ]


def encryption(name: str) -> Policy:
    """With a key that AWS owns."""
    return {"Rules": [_rule("collection", name)], "AWSOwnedKey": True}


def network(name: str, vpc_endpoints: list[str]) -> Policy:
    """From these endpoints alone; without any from everywhere, by whoever signs."""
    reach: Policy = {"SourceVPCEs": vpc_endpoints} if vpc_endpoints else {}
    return [{"Rules": [_rule("collection", name)], "AllowFromPublic": not vpc_endpoints, **reach}]


def access(name: str, account: str, deployer: str) -> Policy:
    """Who searches reads; who writes or provisions makes and deletes indices and aliases too."""
    readers = [role_arn(role, account) for role in READERS]
    writers = [deployer, *(role_arn(role, account) for role in WRITERS)]
    return [
        {"Rules": _granted(name, READ, ("DescribeCollectionItems",)), "Principal": readers},
        {"Rules": _granted(name, WRITE, ("*",)), "Principal": writers},
    ]


def principal(caller: str) -> str:
    """The role behind a session of it, which is what policies name; any other caller as it is."""
    kind, _, name = caller.split(":", 5)[5].partition("/")
    if kind != "assumed-role":
        return caller
    role = name.split("/")[0]
    with naming("iam:GetRole", f"role {role}"):
        return aws.iam().get_role(RoleName=role)["Role"]["Arn"]


def _rule(kind: str, name: str) -> dict[str, Any]:
    return {"ResourceType": kind, "Resource": [f"{kind}/{name}"]}


def _granted(name: str, of_index: tuple[str, ...], of_items: tuple[str, ...]) -> list[Policy]:
    return [
        _rule("collection", name) | {"Permission": [f"aoss:{one}" for one in of_items]},
        _rule("index", f"{name}/*") | {"Permission": [f"aoss:{one}" for one in of_index]},
    ]


def _policy(family: str, kind: str, wanted: Policy, *, repaired: bool = True) -> Change:
    """family: security or access, as the operations are named."""
    name, client = settings.OPENSEARCH_COLLECTION, aws.opensearch_serverless()
    resource, verb = f"{kind} policy {name}", f"{family.title()}Policy"
    said = {"type": kind, "name": name}
    with naming(f"aoss:Get{verb}", resource):
        try:
            found = getattr(client, f"get_{family}_policy")(**said)[f"{family}PolicyDetail"]
        except client.exceptions.ResourceNotFoundException:
            found = None
    said["policy"] = json.dumps(wanted)
    if found is None:
        with naming(f"aoss:Create{verb}", resource):
            getattr(client, f"create_{family}_policy")(**said)
        return Change(kind, name, "created")
    if found["policy"] == wanted or not repaired:
        return Change(kind, name, "unchanged")
    with naming(f"aoss:Update{verb}", resource):
        update = getattr(client, f"update_{family}_policy")
        update(**said, policyVersion=found["policyVersion"])
    return Change(kind, name, "changed")


def _collection(name: str) -> Change:
    client, resource = aws.opensearch_serverless(), f"collection {name}"
    made = not _found(name)
    if made:
        with naming("aoss:CreateCollection", resource):
            client.create_collection(name=name, type=TYPE, description="What MangaAssist searches.")
    address = _await_ready(name)
    here = settings.OPENSEARCH_URL
    then = f"Set OPENSEARCH_URL={address} and provision again." if not here else ""
    return Change("collection", name, "created" if made else "unchanged", then)


def _await_ready(name: str) -> str:
    """The address of a collection that can be used."""
    deadline, pause = time.monotonic() + READY_WITHIN, FIRST_PAUSE
    while (found := _found(name)).get("status") != "ACTIVE":
        if found.get("status") == "FAILED":
            raise Misconfigured("collection", f"collection {name}: {found.get('failureMessage')}")
        if time.monotonic() > deadline:
            raise Temporary("collection", f"collection {name} is still made; provision again.")
        time.sleep(pause)
        pause = min(LONGEST_PAUSE, 2 * pause)
    if found["type"] != TYPE:
        message = f"collection {name} is of the type {found['type']}, not {TYPE}; name another."
        raise Misconfigured("collection", message)
    return str(found["collectionEndpoint"])


def _found(name: str) -> dict[str, Any]:
    with naming("aoss:BatchGetCollection", f"collection {name}"):
        details = aws.opensearch_serverless().batch_get_collection(names=[name])
    return dict(*details["collectionDetails"])
