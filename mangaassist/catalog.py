"""The write and read of a title's enrichment in the DynamoDB catalogue.

A row carries one map, `enrichment`, with one entry per type; an item writes each of its types once,
and never over the result of a newer item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from mangaassist import dynamodb, metrics
from mangaassist.errors import Failure, Rejected, Temporary, Throttled, naming
from mangaassist.resources import CATALOG_TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

ROUNDS = 4  # updates tried before contention on one title is given back as Temporary
MAX_KEY = 2_048  # bytes of a DynamoDB partition key
DESCRIBED_BY = "describedBy"  # which item wrote the attributes of the title last
CANARY = "__canary__"  # the title id of the row that tests write
RESOURCE = f"table {CATALOG_TABLE.name}"

Texts = Mapping[str, str | Sequence[str]]
AttributeMap = dict[str, Any]  # DynamoDB's own notation: {"S": text}, {"M": {…}}

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class Provenance:
    """Which send of which item made a result, with which model and prompt, at which cost in USD."""

    item: int
    delivery: int
    model: str
    prompt_version: str
    input_hash: str
    input_tokens: int
    output_tokens: int
    cost: Decimal


@dataclass(frozen=True)
class Written:
    """Types newly written, and types kept because this item or a newer one wrote them before."""

    types: list[str]
    kept: list[str]


class _Parts(NamedTuple):
    """What makes up an UpdateItem call."""

    sets: list[str]
    removed: list[str]
    conditions: list[str]
    names: dict[str, str]
    values: AttributeMap


def put(
    manga_id: str, title: Mapping[str, str], results: Mapping[str, Texts], provenance: Provenance
) -> Written:
    """Writes an item's results; repeating it changes nothing.

    title: attributes such as titleJp, left alone if a newer item has written; an empty one is taken
    away. results: type → texts by language. Raises Rejected for a row that DynamoDB cannot hold,
    Temporary, Throttled or Misconfigured.
    """
    _require_key(manga_id)
    now = datetime.now(UTC)
    item = provenance.item
    entries = {kind: _entry(texts, provenance, now) for kind, texts in results.items()}
    row: AttributeMap = {}
    for _ in range(ROUNDS):
        stored = _enrichment(manga_id, row)
        writers = _writers(stored)
        wanted = {kind: entry for kind, entry in entries.items() if writers.get(kind, -1) < item}
        kept = [kind for kind in entries if kind not in wanted]
        if not wanted:
            if manga_id != CANARY:  # Workers that start together write it in any order.
                _count_stale(writers, kept, item)
            return Written([], kept)
        parts = _whole(wanted, now) if stored is None else _nested(wanted, item, now)
        if title and max(_describer(row), *writers.values(), -1) <= item:
            _add_description(parts, title, item)
        conflict = _send(_update(manga_id, parts))
        if conflict is None:
            if manga_id != CANARY:  # A worker that starts again and again writes nothing else.
                metrics.CATALOG_WRITES.record(Table=CATALOG_TABLE.name)
            return Written(list(wanted), kept)
        row = conflict
    raise Temporary("catalog_contention", f"{manga_id} changed during each of {ROUNDS} updates.")


def describe(manga_id: str, title: Mapping[str, str], item: int) -> bool:
    """Writes a title's attributes alone; False, and nothing, if a newer item has written them.

    title: as `put` has it. Raises like it.
    """
    _require_key(manga_id)
    parts = _Parts([], [], [], {}, {})
    _add_description(parts, title, item)
    if _send(_update(manga_id, parts)) is None:
        metrics.CATALOG_WRITES.record(Table=CATALOG_TABLE.name)
        return True
    metrics.STALE_WRITES.record(Table=CATALOG_TABLE.name)
    return False


def get(manga_id: str) -> dict[str, Any] | None:
    """Reads a title's row consistently; numbers are Decimal. Raises like `put`."""
    key = {CATALOG_TABLE.key: {"S": manga_id}}
    with naming("dynamodb:GetItem", RESOURCE):
        answer = dynamodb.call(
            "GetItem", TableName=CATALOG_TABLE.name, Key=key, ConsistentRead=True
        )
    row = answer.get("Item")
    return None if row is None else {name: _deserialize(value) for name, value in row.items()}


def get_many(manga_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Reads up to 100 titles' rows consistently, by id; a title without a row is absent.

    Raises Throttled when the table does not give them all in a few rounds, otherwise like `put`.
    """
    keys: Any = [{CATALOG_TABLE.key: {"S": manga_id}} for manga_id in manga_ids]
    found: list[AttributeMap] = []
    for _ in range(ROUNDS if keys else 0):
        with naming("dynamodb:BatchGetItem", RESOURCE):
            wanted = {CATALOG_TABLE.name: {"Keys": keys, "ConsistentRead": True}}
            answer = dynamodb.call("BatchGetItem", RequestItems=wanted)
        found += answer["Responses"].get(CATALOG_TABLE.name, [])
        left = answer.get("UnprocessedKeys", {}).get(CATALOG_TABLE.name)
        if not left:
            break
        keys = left["Keys"]
    else:
        if keys:
            raise Throttled("unprocessed_keys", f"{RESOURCE} did not give all rows of a batch.")
    rows = ({name: _deserialize(value) for name, value in row.items()} for row in found)
    return {row[CATALOG_TABLE.key]: row for row in rows}


def _count_stale(writers: Mapping[str, int], kept: Iterable[str], item: int) -> None:
    if any(writers[kind] > item for kind in kept):
        metrics.STALE_WRITES.record(Table=CATALOG_TABLE.name)


def _require_key(manga_id: str) -> None:
    if not 0 < len(manga_id.encode()) <= MAX_KEY:
        raise Rejected("bad_key", f"A title id has 1 to {MAX_KEY} bytes: {manga_id[:40]!r}")


def _entry(texts: Texts, provenance: Provenance, now: datetime) -> AttributeMap:
    entry = {
        **texts,
        "item": provenance.item,
        "delivery": provenance.delivery,
        "model": provenance.model,
        "promptVersion": provenance.prompt_version,
        "inputHash": provenance.input_hash,
        "inputTokens": provenance.input_tokens,
        "outputTokens": provenance.output_tokens,
        "costUsd": provenance.cost,
        "lastUpdated": now.isoformat(timespec="seconds"),
    }
    return cast("AttributeMap", _serialize(entry))


def _writers(stored: AttributeMap | None) -> dict[str, int]:
    """Which item wrote each type; types that are plain text, from before items, have none."""
    entries = {kind: value["M"] for kind, value in (stored or {}).items() if "M" in value}
    return {kind: int(entry["item"]["N"]) for kind, entry in entries.items() if "item" in entry}


def _whole(entries: Mapping[str, AttributeMap], now: datetime) -> _Parts:
    """Makes the map of a title that has none."""
    enrichment = {"M": {**entries, "lastUpdated": _epoch(now)}}
    return _Parts(
        ["#e = :e"], [], ["attribute_not_exists(#e)"], {"#e": "enrichment"}, {":e": enrichment}
    )


def _nested(entries: Mapping[str, AttributeMap], item: int, now: datetime) -> _Parts:
    """Changes only its own types in a map, and only where nobody newer has written."""
    parts = _Parts(
        ["#e.#at = :at"],
        [],
        [],
        {"#e": "enrichment", "#at": "lastUpdated", "#item": "item"},
        {":at": _epoch(now), ":item": {"N": str(item)}},
    )
    for n, (kind, entry) in enumerate(entries.items()):
        parts.sets.append(f"#e.#k{n} = :k{n}")
        parts.conditions.append(f"(attribute_not_exists(#e.#k{n}.#item) OR #e.#k{n}.#item < :item)")
        parts.names[f"#k{n}"] = kind
        parts.values[f":k{n}"] = entry
    return parts


def _epoch(now: datetime) -> AttributeMap:
    return {"N": str(int(now.timestamp()))}


def _add_description(parts: _Parts, title: Mapping[str, str], item: int) -> None:
    """Changes attributes of the title too, where nobody newer has."""
    parts.sets.append("#by = :by")
    parts.conditions.append("(attribute_not_exists(#by) OR #by <= :by)")
    parts.names["#by"] = DESCRIBED_BY
    parts.values[":by"] = {"N": str(item)}
    for n, (name, text) in enumerate(title.items()):
        parts.names[f"#t{n}"] = name
        if text:
            parts.sets.append(f"#t{n} = :t{n}")
            parts.values[f":t{n}"] = {"S": text}
        else:
            parts.removed.append(f"#t{n}")


def _describer(row: AttributeMap) -> int:
    return int(row.get(DESCRIBED_BY, {}).get("N", -1))


def _update(manga_id: str, parts: _Parts) -> UpdateItemInputTypeDef:
    removal = f" REMOVE {', '.join(parts.removed)}" if parts.removed else ""
    return {
        "TableName": CATALOG_TABLE.name,
        "Key": {CATALOG_TABLE.key: {"S": manga_id}},
        "UpdateExpression": f"SET {', '.join(parts.sets)}{removal}",
        "ConditionExpression": " AND ".join(parts.conditions),
        "ExpressionAttributeNames": parts.names,
        "ExpressionAttributeValues": parts.values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _send(update: UpdateItemInputTypeDef) -> AttributeMap | None:
    """Returns None when it was written, else the row that stood in the way."""
    with _counting_errors(), naming("dynamodb:UpdateItem", RESOURCE):
        try:
            dynamodb.call("UpdateItem", **update)
        except ClientError as error:
            return _conflict(error)
    return None


@contextmanager
def _counting_errors() -> Iterator[None]:
    try:
        yield
    except Failure as failure:
        table = {"Table": CATALOG_TABLE.name}
        metrics.CATALOG_WRITE_ERRORS.record(Code=failure.code, **table)
        if isinstance(failure, Throttled):
            metrics.DYNAMO_THROTTLES.record(**table)
        raise


def _conflict(error: ClientError) -> AttributeMap:
    """The row behind a failed condition. Raises any other error; Rejected for a row too large."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if code == "ConditionalCheckFailedException":
        row: AttributeMap = error.response["Item"]  # type: ignore[typeddict-item]
        return row
    if code == "ValidationException" and "document path" in message:
        return {}  # Somebody removed the map since we saw it.
    if code == "ValidationException" and "size" in message and "exceeded" in message:
        raise Rejected("item_too_large", "The title's row would exceed 400 KB.") from error
    raise error


def _enrichment(manga_id: str, row: AttributeMap) -> AttributeMap | None:
    if "enrichment" not in row:
        return None
    stored: AttributeMap = row["enrichment"]
    if "M" not in stored:
        raise Rejected("broken_row", f"`enrichment` of {manga_id} is no map; repair it by hand.")
    return stored["M"]  # type: ignore[no-any-return]
