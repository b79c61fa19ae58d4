"""The operations of the REST API: those that OpenSearch Serverless has too."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local.opensearch import documents, search
from local.opensearch.cluster import Cluster
from local.opensearch.errors import Refused
from local.opensearch.index import Index

Json = dict[str, Any]
Answer = tuple[int, Any]
DONE: Answer = (200, {"acknowledged": True})
OF_SEARCH = ("from", "size", "_source", "track_total_hits")


@dataclass(frozen=True)
class Request:
    """names: what stands in the path. parameters: what stands behind it."""

    cluster: Cluster
    method: str
    names: Mapping[str, str]
    parameters: Mapping[str, str]
    body: bytes

    @property
    def index(self) -> Index:
        """The one that the path names. Raises Refused."""
        return self.cluster.one(self.names["index"])

    @property
    def searched(self) -> Index:
        """The same for a search, which could also have several. Raises Refused."""
        return self.cluster.searched(self.names["index"])

    @cached_property
    def json(self) -> Json:
        """The body, empty if there is none. Raises Refused."""
        return parsed(self.body)


def parsed(body: bytes) -> Json:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused("parse_exception", f"Failed to parse content: {error}") from None
    if not isinstance(value, dict):
        raise Refused("parse_exception", "Failed to parse content: expected an object")
    return value


def create_index(request: Request) -> Answer:
    name = request.names["index"]
    request.cluster.create(name, request.json)
    return 200, {"acknowledged": True, "shards_acknowledged": True, "index": name}


def get_index(request: Request) -> Answer:
    return 200, {
        index.name: {
            "aliases": request.cluster.aliases_of(index.name),
            "mappings": index.fields.declared,
            "settings": {"index": index.settings | {"uuid": index.uuid}},
        }
        for index in request.cluster.find(request.names["index"])
    }


def delete_index(request: Request) -> Answer:
    try:
        request.cluster.delete(request.names["index"])
    except Refused as refused:
        missing = refused.kind == "index_not_found_exception"
        if not missing or request.parameters.get("ignore_unavailable") != "true":
            raise
    return DONE


def get_mapping(request: Request) -> Answer:
    found = request.cluster.find(request.names["index"])
    return 200, {index.name: {"mappings": index.fields.declared} for index in found}


def put_mapping(request: Request) -> Answer:
    for index in request.cluster.find(request.names["index"]):
        index.fields.extend(request.json)
    return DONE


def change_aliases(request: Request) -> Answer:
    request.cluster.change_aliases(request.json["actions"])
    return DONE


def get_alias(request: Request) -> Answer:
    """The indices of an alias, or the aliases of an index."""
    cluster, alias = request.cluster, request.names.get("alias")
    names = [index.name for index in cluster.find(request.names.get("index", "_all"))]
    if alias is None:
        return 200, {name: {"aliases": cluster.aliases_of(name)} for name in names}
    of_it = [name for name in names if name in cluster.aliases.get(alias, ())]
    if not of_it:
        return 404, {"error": f"alias [{alias}] missing", "status": 404}
    return 200, {name: {"aliases": {alias: {}}} for name in of_it}


def put_alias(request: Request) -> Answer:
    action = {"add": {"index": request.names["index"], "alias": request.names["alias"]}}
    request.cluster.change_aliases([action])
    return DONE


def delete_alias(request: Request) -> Answer:
    action = {"remove": {"index": request.names["index"], "alias": request.names["alias"]}}
    request.cluster.change_aliases([action])
    return DONE


def put_document(request: Request) -> Answer:
    return documents.put(
        request.cluster, request.names["index"], request.names.get("id"), request.body
    )


def get_document(request: Request) -> Answer:
    wanted = request.parameters.get("_source", True)
    return documents.get(request.index, request.names["id"], wanted)


def delete_document(request: Request) -> Answer:
    return documents.delete(request.cluster, request.names["index"], request.names["id"])


def bulk(request: Request) -> Answer:
    return 200, documents.bulk(request.cluster, request.names.get("index"), request.body)


def find(request: Request) -> Answer:
    asked = {name: request.parameters[name] for name in OF_SEARCH if name in request.parameters}
    return 200, search.search(request.searched, request.json | asked)


def find_each(request: Request) -> Answer:
    """Several searches of one index, each with its own answer or refusal."""
    lines = request.body.splitlines()
    if not lines or len(lines) % 2:
        raise Refused("action_request_validation_exception", "Each search needs two lines.")
    return 200, {"took": 0, "responses": [_found(request, body) for body in lines[1::2]]}


def _found(request: Request, body: bytes) -> Json:
    try:
        return search.search(request.searched, parsed(body)) | {"status": 200}
    except Refused as refused:
        return refused.body()


def count(request: Request) -> Answer:
    return 200, search.count(request.searched, request.json)


# Methods, path, operation, and the parameters that it takes. What begins with an underscore is no
# index, so those come first.
ROUTES: list[tuple[str, str, Callable[[Request], Answer], str]] = [
    ("POST", "/_aliases", change_aliases, ""),
    ("GET HEAD", "/_alias", get_alias, ""),
    ("GET HEAD", "/_alias/{alias}", get_alias, ""),
    ("POST PUT", "/_bulk", bulk, ""),
    ("PUT", "/{index}", create_index, ""),
    ("GET HEAD", "/{index}", get_index, ""),
    ("DELETE", "/{index}", delete_index, "ignore_unavailable"),
    ("GET", "/{index}/_mapping", get_mapping, ""),
    ("PUT POST", "/{index}/_mapping", put_mapping, ""),
    ("GET HEAD", "/{index}/_alias/{alias}", get_alias, ""),
    ("PUT POST", "/{index}/_alias/{alias}", put_alias, ""),
    ("DELETE", "/{index}/_alias/{alias}", delete_alias, ""),
    ("POST", "/{index}/_doc", put_document, ""),
    ("PUT POST", "/{index}/_doc/{id}", put_document, ""),
    ("GET HEAD", "/{index}/_doc/{id}", get_document, "_source"),
    ("DELETE", "/{index}/_doc/{id}", delete_document, ""),
    ("POST PUT", "/{index}/_bulk", bulk, ""),
    ("GET POST", "/{index}/_search", find, " ".join(OF_SEARCH)),
    ("GET POST", "/{index}/_msearch", find_each, ""),
    ("GET POST", "/{index}/_count", count, ""),
]
