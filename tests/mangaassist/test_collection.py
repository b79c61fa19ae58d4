"""The collection of the search: what provisioning makes of it, repairs and leaves alone."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from mangaassist import aws, collection
from mangaassist.changes import Change
from mangaassist.errors import Misconfigured
from tests.mangaassist.conftest import Account

NAME = "manga-titles"
UNCHANGED = [
    Change(kind, NAME, "unchanged") for kind in ("encryption", "network", "data", "collection")
]


def provision(account: Account) -> list[Change]:
    caller = f"arn:aws:iam::{account.number}:user/deployer"
    return collection.provision(account.number, caller)


def changed(account: Account) -> list[tuple[str, str]]:
    return [
        (change.kind, change.action)
        for change in provision(account)
        if change.action != "unchanged"
    ]


def data_policy() -> Any:
    found = aws.opensearch_serverless().get_access_policy(type="data", name=NAME)
    return found["accessPolicyDetail"]


@pytest.fixture
def made(account: Account) -> Account:
    """An account with a collection."""
    provision(account)
    return account


def test_it_holds_vectors_and_a_second_run_changes_nothing(made: Account) -> None:
    [found] = aws.opensearch_serverless().batch_get_collection(names=[NAME])["collectionDetails"]
    assert (found["type"], found["status"]) == ("VECTORSEARCH", "ACTIVE")
    assert provision(made) == UNCHANGED


def test_who_searches_reads_and_who_writes_or_deploys_may_do_everything(made: Account) -> None:
    readers, writers = data_policy()["policy"]
    roles = f"arn:aws:iam::{made.number}:role"
    assert readers["Principal"] == [f"{roles}/manga-web", f"{roles}/manga-deferred-worker"]
    assert writers["Principal"] == [
        f"arn:aws:iam::{made.number}:user/deployer",
        f"{roles}/manga-maintenance-worker",
    ]
    granted = [rule["Permission"] for rule in readers["Rules"]]
    assert granted == [
        ["aoss:DescribeCollectionItems"],
        ["aoss:ReadDocument", "aoss:DescribeIndex"],
    ]
    assert [rule["Permission"] for rule in writers["Rules"]] == [["aoss:*"], ["aoss:*"]]


def test_a_session_stands_for_its_role(account: Account) -> None:
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    aws.iam().create_role(RoleName="deployer", Path="/team/", AssumeRolePolicyDocument=trust)
    session = f"arn:aws:sts::{account.number}:assumed-role/deployer/somebody"
    wanted = f"arn:aws:iam::{account.number}:role/team/deployer"
    assert collection.principal(session) == wanted


def test_a_changed_access_policy_is_repaired(made: Account) -> None:
    before = data_policy()
    stale = json.dumps(before["policy"][:1])
    aws.opensearch_serverless().update_access_policy(
        type="data", name=NAME, policyVersion=before["policyVersion"], policy=stale
    )
    assert changed(made) == [("data", "changed")]
    assert data_policy()["policy"] == before["policy"]


def test_it_can_be_reached_from_named_endpoints_alone(made: Account, settings: Any) -> None:
    settings.OPENSEARCH_VPC_ENDPOINTS = ["vpce-1a2b3c"]
    assert changed(made) == [("network", "changed")]
    found = aws.opensearch_serverless().get_security_policy(type="network", name=NAME)
    [policy] = found["securityPolicyDetail"]["policy"]
    assert (policy["AllowFromPublic"], policy["SourceVPCEs"]) == (False, ["vpce-1a2b3c"])


def test_a_key_that_somebody_chose_stays(account: Account) -> None:
    policy = collection.encryption(NAME) | {"AWSOwnedKey": False, "KmsARN": "arn:aws:kms:::key/1"}
    aws.opensearch_serverless().create_security_policy(
        type="encryption", name=NAME, policy=json.dumps(policy)
    )
    assert ("encryption", "created") not in changed(account)


def test_a_collection_without_vectors_is_left_alone_and_named(account: Account) -> None:
    client = aws.opensearch_serverless()
    policy = json.dumps(collection.encryption(NAME))
    client.create_security_policy(type="encryption", name=NAME, policy=policy)
    client.create_collection(name=NAME, type="SEARCH")
    with pytest.raises(Misconfigured, match="of the type SEARCH, not VECTORSEARCH"):
        provision(account)


def test_without_an_address_the_command_tells_it_and_makes_no_index(
    account: Account, settings: Any
) -> None:
    settings.OPENSEARCH_URL = ""
    for action in ("created", "unchanged"):
        out = StringIO()
        call_command("provision", stdout=out)
        last = out.getvalue().splitlines()[-1]
        assert last.startswith(f"{action} collection {NAME} Set OPENSEARCH_URL=http")


def test_a_domain_needs_no_collection(account: Account, settings: Any) -> None:
    settings.OPENSEARCH_URL, settings.OPENSEARCH_SERVICE = "", "es"
    call_command("provision", stdout=StringIO())
    assert not aws.opensearch_serverless().list_collections()["collectionSummaries"]
