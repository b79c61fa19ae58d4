"""The write and read of a title's enrichment in the DynamoDB catalogue.

A row carries one map, `enrichment`, with one entry per type; an item writes each of its types once, and
never over the result of a newer item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from mangaassist import aws
from mangaassist.errors import Rejected, Temporary, explain
from mangaassist.resources import CATALOG_TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

ROUNDS = 4  # updates tried before contention on one title is given back as Temporary
MAX_KEY = 2_048  # bytes of a DynamoDB partition key
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
    """Types newly written, and types kept because this item or a newer one had written them before."""

    types: list[str]
    kept: list[str]


def put(manga_id: str, title: Mapping[str, str], results: Mapping[str, Texts], provenance: Provenance) -> Written:
    """Writes an item's results; repeating it changes nothing.

    title: attributes such as titleJp, left alone when a newer item wrote them; results: type to texts by
    language. Raises Rejected for a row DynamoDB cannot hold, otherwise Temporary, Throttled or Misconfigured.
    """
    _require_key(manga_id)
    now = datetime.now(UTC)
    entries = {kind: _entry(texts, provenance, now) for kind, texts in results.items()}
    stored: AttributeMap | None = None
    for _ in range(ROUNDS):
        kept = [kind for kind in entries if _writer(stored, kind) >= provenance.item]
        wanted = {kind: entry for kind, entry in entries.items() if kind not in kept}
        if not wanted:
            return Written([], kept)
        newest = all(_writer(stored, kind) <= provenance.item for kind in stored or ())
        update = _update(manga_id, title if newest else {}, wanted, stored, provenance.item, now)
        conflict = _send(update)
        if conflict is None:
            return Written(list(wanted), kept)
        stored = _enrichment(manga_id, conflict)
    raise Temporary("catalog_contention", f"{manga_id} was changed by others in {ROUNDS} updates running.")


def get(manga_id: str) -> dict[str, Any] | None:
    """Reads a title's row consistently; numbers are Decimal. Raises like `put`."""
    try:
        answer = aws.dynamodb().get_item(
            TableName=CATALOG_TABLE.name, Key={CATALOG_TABLE.key: {"S": manga_id}}, ConsistentRead=True
        )
    except (ClientError, BotoCoreError) as error:
        raise explain(error, "dynamodb:GetItem", RESOURCE) from error
    row = answer.get("Item")
    return None if row is None else {name: _deserialize(value) for name, value in row.items()}


def _require_key(manga_id: str) -> None:
    if not 0 < len(manga_id.encode()) <= MAX_KEY:
        raise Rejected("bad_key", f"A title id has 1 to {MAX_KEY} bytes; {manga_id[:40]!r}… has not.")


def _entry(texts: Texts, provenance: Provenance, now: datetime) -> AttributeMap:
    return _serialize({
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
    })  # fmt: skip


def _writer(stored: AttributeMap | None, kind: str) -> int:
    """The item that wrote a type; -1 if none did, or if it is plain text of before there were items."""
    return int((stored or {}).get(kind, {}).get("M", {}).get("item", {}).get("N", -1))


def _update(
    manga_id: str,
    title: Mapping[str, str],
    entries: Mapping[str, AttributeMap],
    stored: AttributeMap | None,
    item: int,
    now: datetime,
) -> UpdateItemInputTypeDef:
    """The whole map for a title without one; otherwise only its own types, so that others stay."""
    names = {f"#t{n}": name for n, name in enumerate(title)} | {"#e": "enrichment"}
    values = {f":t{n}": {"S": text} for n, text in enumerate(title.values())}
    sets = [f"#t{n} = :t{n}" for n in range(len(title))]
    updated = {"N": str(int(now.timestamp()))}
    if stored is None:
        sets.append("#e = :e")
        values[":e"] = {"M": {**entries, "lastUpdated": updated}}
        conditions = ["attribute_not_exists(#e)"]
    else:
        kinds = range(len(entries))
        names |= {f"#k{n}": kind for n, kind in enumerate(entries)} | {"#item": "item", "#at": "lastUpdated"}
        values |= {f":k{n}": entry for n, entry in enumerate(entries.values())}
        values |= {":item": {"N": str(item)}, ":at": updated}
        sets += [*(f"#e.#k{n} = :k{n}" for n in kinds), "#e.#at = :at"]
        conditions = [f"(attribute_not_exists(#e.#k{n}.#item) OR #e.#k{n}.#item < :item)" for n in kinds]
    return {
        "TableName": CATALOG_TABLE.name,
        "Key": {CATALOG_TABLE.key: {"S": manga_id}},
        "UpdateExpression": "SET " + ", ".join(sets),
        "ConditionExpression": " AND ".join(conditions),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _send(update: UpdateItemInputTypeDef) -> AttributeMap | None:
    """Returns None when it was written, else the row that stood in the way."""
    try:
        aws.dynamodb().update_item(**update)
    except (ClientError, BotoCoreError) as error:
        return _conflict(error)
    return None


def _conflict(error: ClientError | BotoCoreError) -> AttributeMap:
    """The row behind a failed condition. Raises what any other error means."""
    failure = explain(error, "dynamodb:UpdateItem", RESOURCE)
    if isinstance(error, ClientError):
        if failure.code == "ConditionalCheckFailedException":
            row: AttributeMap = error.response.get("Item", {})  # type: ignore[assignment]
            return row
        if failure.code == "ValidationException":
            if "document path" in failure.message:  # Somebody removed the map after we saw it.
                return {}
            if "size" in failure.message and "exceeded" in failure.message:
                raise Rejected("item_too_large", "With these results the title's row is over 400 KB.") from error
    raise failure from error


def _enrichment(manga_id: str, row: AttributeMap) -> AttributeMap | None:
    stored = row.get("enrichment")
    if stored is None:
        return None
    if "M" not in stored:
        raise Rejected("broken_row", f"Attribute `enrichment` of {manga_id} is no map; repair that row by hand.")
    entries: AttributeMap = stored["M"]
    return entries
