"""Every error that AWS documents for our calls has a meaning, and everything else is loud."""

from __future__ import annotations

import itertools
from typing import Any

import botocore.session
import pytest
from botocore import exceptions as botocore_errors
from botocore.exceptions import ClientError

from mangaassist import errors
from mangaassist.errors import (
    Failure,
    Misconfigured,
    Rejected,
    Temporary,
    Throttled,
    classify,
    explain,
    naming,
)

OPERATIONS = {
    "bedrock-runtime": ["InvokeModel", "InvokeModelWithResponseStream", "CountTokens"],
    "ecs": ["DescribeServices", "UpdateService"],
    "dynamodb": ["UpdateItem", "GetItem", "PutItem"],
    "sqs": [
        "SendMessage",
        "SendMessageBatch",
        "ReceiveMessage",
        "DeleteMessage",
        "DeleteMessageBatch",
        "ChangeMessageVisibility",
        "ChangeMessageVisibilityBatch",
        "GetQueueAttributes",
        "GetQueueUrl",
    ],
}
TABLES = {
    "THROTTLED": errors.THROTTLED,
    "TEMPORARY": errors.TEMPORARY,
    "REJECTED": errors.REJECTED,
    "MISCONFIGURED": errors.MISCONFIGURED,
}


def documented_codes() -> set[str]:
    session: Any = botocore.session.get_session()
    shapes = [
        shape
        for service, operations in OPERATIONS.items()
        for operation in operations
        for shape in session.get_service_model(service).operation_model(operation).error_shapes
    ]
    return {shape.name for shape in shapes} | {shape.error_code for shape in shapes}


def stream_codes() -> set[str]:
    model: Any = botocore.session.get_session().get_service_model("bedrock-runtime")
    stream = model.operation_model("InvokeModelWithResponseStream").get_event_stream_output()
    return set(stream.members) - {"chunk"}


def error(code: str, message: str = "why") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@pytest.mark.parametrize("code", sorted(documented_codes()))
def test_a_documented_code_is_in_exactly_one_table(code: str) -> None:
    assert len([name for name, codes in TABLES.items() if code in codes]) == 1


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(TABLES, 2)))
def test_two_tables_share_no_code(one: str, other: str) -> None:
    assert not TABLES[one] & TABLES[other]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ThrottlingException", Throttled),
        ("KMS.ThrottlingException", Throttled),
        ("KmsThrottled", Throttled),
        ("ServiceUnavailableException", Temporary),
        ("ConditionalCheckFailedException", Rejected),
        ("AccessDeniedException", Misconfigured),
        ("KMS.DisabledException", Misconfigured),
        ("AWS.SimpleQueueService.NonExistentQueue", Misconfigured),
        ("AWS.SimpleQueueService.MessageNotInflight", Temporary),
    ],
)
def test_a_code_means_what_its_table_says(code: str, kind: type[Failure]) -> None:
    assert type(classify(error(code))) is kind


@pytest.mark.parametrize("code", sorted(stream_codes()))
def test_a_stream_reports_the_same_codes_in_lower_case(code: str) -> None:
    capitalised = code[0].upper() + code[1:]
    assert type(classify(error(code))) is type(classify(error(capitalised)))


def test_an_unknown_code_is_loud() -> None:
    assert type(classify(error("SomethingNew"))) is Misconfigured


@pytest.mark.parametrize(
    "broken",
    [
        botocore_errors.ConnectTimeoutError(endpoint_url="http://x"),
        botocore_errors.ReadTimeoutError(endpoint_url="http://x"),
        botocore_errors.EndpointConnectionError(endpoint_url="http://x"),
        botocore_errors.ConnectionClosedError(endpoint_url="http://x"),
        botocore_errors.IncompleteReadError(actual_bytes=1, expected_bytes=2),
        botocore_errors.ResponseStreamingError(error="cut"),
        ConnectionResetError(),
        TimeoutError(),
    ],
    ids=lambda broken: type(broken).__name__,
)
def test_a_lost_connection_is_temporary_and_keeps_its_name(broken: Exception) -> None:
    failure = classify(broken)
    assert (type(failure), failure.code) == (Temporary, type(broken).__name__)


def test_missing_credentials_are_no_reason_to_try_again() -> None:
    assert type(classify(botocore_errors.NoCredentialsError())) is Misconfigured


def test_an_exception_of_our_own_code_uses_tries() -> None:
    failure = classify(ZeroDivisionError("division by zero"))
    assert (type(failure), failure.code) == (Temporary, "unexpected")


def test_a_failure_stays_what_it_is() -> None:
    failure = Rejected("bad", "worse")
    assert classify(failure) is failure


def test_a_denied_call_is_explained_with_action_resource_and_remedy() -> None:
    failure = explain(error("AccessDenied", "User u may not."), "sqs:SendMessage", "queue q")
    assert failure.message == (
        "sqs:SendMessage on queue q failed: User u may not. The policy of this process's role must "
        "allow sqs:SendMessage; manage.py provision repairs the roles of MangaAssist."
    )


def test_a_missing_resource_is_explained_with_what_makes_it() -> None:
    failure = explain(error("ResourceNotFoundException"), "dynamodb:GetItem", "table t")
    assert "Create table t with manage.py provision" in failure.message


def test_a_busy_service_needs_no_remedy() -> None:
    failure = explain(error("SlowDown", "Later."), "dynamodb:GetItem", "table t")
    assert failure.message == "dynamodb:GetItem on table t failed: Later."


def test_a_named_block_keeps_the_kind_of_the_failure() -> None:
    with pytest.raises(Throttled, match="a:B on c"), naming("a:B", "c"):
        raise error("SlowDown")


def test_a_named_block_leaves_other_exceptions_alone() -> None:
    with pytest.raises(ZeroDivisionError), naming("a:B", "c"):
        raise ZeroDivisionError
