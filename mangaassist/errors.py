"""What a failure means for the work at hand: can trying again help?

    Failure
    ├── Temporary        try again later; uses one try
    │   └── Throttled    try again later; uses no try
    ├── Rejected         this item is bad: fail it, go on
    │   └── Refused      the model declined to answer
    └── Misconfigured    nobody can succeed: block the pool, ring, keep the items

An AWS code that is in no table is Misconfigured: loud is better than a silent retry.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as botocore_errors
from urllib3 import exceptions as urllib3_errors


class Failure(Exception):
    """A classified failure.

    code: short stable name for counters and grouping; message: what happened, for staff.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Temporary(Failure):
    """Trying again can help."""


class Throttled(Temporary):
    """The other side is busy; trying again later costs no try.

    wait: seconds before which it would be in vain, 0.0 when nobody knows.
    """

    def __init__(self, code: str, message: str, wait: float = 0.0) -> None:
        super().__init__(code, message)
        self.wait = wait


class Rejected(Failure):
    """Trying again cannot help this item."""


class Refused(Rejected):
    """The model declined to write about this title."""


class Misconfigured(Failure):
    """No item can succeed until somebody repairs a permission, a name or a model."""


THROTTLED = frozenset({
    "ThrottlingException", "Throttling", "RequestThrottled", "TooManyRequestsException",
    "ModelNotReadyException", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
    "ServiceQuotaExceededException", "OverLimit", "SlowDown", "LimitExceededException",
    "KmsThrottled", "KMS.ThrottlingException", "429",
})  # fmt: skip
TEMPORARY = frozenset({
    "InternalServerException", "ServiceUnavailableException", "InternalServerError",
    "InternalFailure", "InternalError", "ServiceUnavailable", "ModelTimeoutException",
    "ModelErrorException", "ModelStreamErrorException", "TransactionConflictException",
    "TransactionInProgressException", "ReplicatedWriteConflictException", "ServerException",
    "RequestTimeout", "RequestTimeoutException", "408", "500", "502", "503", "504",
    "ReceiptHandleIsInvalid", "MessageNotInflight", "ContinuousBackupsUnavailableException",
})  # fmt: skip
REJECTED = frozenset({
    "ConditionalCheckFailedException", "ItemCollectionSizeLimitExceededException",
    "InvalidMessageContents", "SerializationException",
})  # fmt: skip
MISCONFIGURED = frozenset({
    "AccessDeniedException", "AccessDenied", "ResourceNotFoundException", "ValidationException",
    "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
    "MissingAuthenticationToken", "QueueDoesNotExist", "NonExistentQueue", "InvalidAddress",
    "InvalidSecurity", "UnsupportedOperation", "InvalidIdFormat", "InvalidAttributeName",
    "InvalidAttributeValue", "QueueDeletedRecently", "QueueNameExists", "EmptyBatchRequest",
    "TooManyEntriesInBatchRequest", "BatchEntryIdsNotDistinct", "BatchRequestTooLong",
    "InvalidBatchEntryId", "InvalidEndpointException", "KmsAccessDenied", "KmsDisabled",
    "KmsInvalidKeyUsage", "KmsInvalidState", "KmsNotFound", "KmsOptInRequired",
    "KMS.AccessDeniedException", "KMS.DisabledException", "KMS.InvalidKeyUsageException",
    "KMS.InvalidStateException", "KMS.NotFoundException", "KMS.OptInRequired",
    "ClientException", "InvalidParameterException", "ClusterNotFoundException",
    "ServiceNotFoundException", "ServiceNotActiveException", "UnsupportedFeatureException",
    "NamespaceNotFoundException", "PlatformUnknownException",
    "PlatformTaskDefinitionIncompatibilityException",
})  # fmt: skip

DENIED = frozenset(
    {"AccessDeniedException", "AccessDenied", "KmsAccessDenied", "KMS.AccessDeniedException"}
)
MISSING = frozenset({"ResourceNotFoundException", "QueueDoesNotExist", "NonExistentQueue"})

CONNECTION_ERRORS = (
    botocore_errors.HTTPClientError,  # connect, read and endpoint errors of botocore
    botocore_errors.ConnectionError,
    botocore_errors.IncompleteReadError,
    botocore_errors.ResponseStreamingError,
    urllib3_errors.HTTPError,
    http.client.HTTPException,
    ConnectionError,
    TimeoutError,
)
UNCONFIGURED_ERRORS = (
    botocore_errors.NoCredentialsError,
    botocore_errors.CredentialRetrievalError,
    botocore_errors.NoRegionError,
    botocore_errors.ProfileNotFound,
    botocore_errors.ParamValidationError,
)


def classify(error: Exception) -> Failure:
    """Says what an exception of an AWS call means; a Failure is returned as it is.

    Anything that is no AWS error is Temporary with code `unexpected`: it uses tries, so that one
    poisonous item ends as failed and never blocks the others.
    """
    if isinstance(error, Failure):
        return error
    if isinstance(error, botocore_errors.ClientError):
        code = error.response["Error"]["Code"]
        return _class_of(code)(code, error.response["Error"].get("Message", ""))
    name = type(error).__name__
    if isinstance(error, UNCONFIGURED_ERRORS):
        return Misconfigured(name, str(error))
    if isinstance(error, CONNECTION_ERRORS):
        return Temporary(name, str(error))
    return Temporary("unexpected", f"{name}: {error}")


@contextmanager
def naming(action: str, resource: str) -> Iterator[None]:
    """Raises the AWS errors of a block as Failures that `explain` what was tried."""
    try:
        yield
    except (botocore_errors.ClientError, botocore_errors.BotoCoreError) as error:
        raise explain(error, action, resource) from error


def explain(error: Exception, action: str, resource: str) -> Failure:
    """Classifies and names what was tried, and what to repair if somebody must repair something.

    action: the IAM action, such as `dynamodb:UpdateItem`; resource: such as `table manga-catalog`.
    """
    failure = classify(error)
    message = f"{action} on {resource} failed: {failure.message}"
    if isinstance(failure, Misconfigured):
        message = f"{message.rstrip('.')}. {_remedy(failure.code, action, resource)}"
    return type(failure)(failure.code, message)


def _remedy(code: str, action: str, resource: str) -> str:
    name = _canonical(code)
    if name in DENIED:
        return (
            f"The policy of this process's role must allow {action}; "
            "manage.py provision repairs the roles of MangaAssist."
        )
    if name in MISSING:
        return f"Create {resource} with manage.py provision, or correct its name or the region."
    return "Every item would fail like this, so repair it before going on."


def _class_of(code: str) -> type[Failure]:
    name = _canonical(code)
    for names, kind in ((THROTTLED, Throttled), (TEMPORARY, Temporary), (REJECTED, Rejected)):
        if name in names:
            return kind
    return Misconfigured


def _canonical(code: str) -> str:
    """One spelling per code: SQS prefixes its older ones, streams begin them in lower case."""
    name = code.removeprefix("AWS.SimpleQueueService.")
    return name[:1].upper() + name[1:]


def request_id(failure: Failure) -> str:
    """The number that AWS gave the call behind a failure; empty for one that it never answered."""
    cause = failure.__cause__
    if not isinstance(cause, botocore_errors.ClientError):
        return ""
    return str(cause.response.get("ResponseMetadata", {}).get("RequestId", ""))
