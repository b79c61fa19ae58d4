"""All indices and their aliases."""

from __future__ import annotations

import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from uuid import uuid4

from local.opensearch import serverless
from local.opensearch.errors import Refused, illegal, no_index, not_simulated
from local.opensearch.index import Index

Json = dict[str, Any]
NAME = re.compile(r'(?![-_+])[^\s"*\\<|,>/?#:A-Z]{1,255}')
OF_CREATION = {"aliases", "mappings", "settings"}


@dataclass(frozen=True)
class Service:
    """serverless: whether it is a collection of OpenSearch Serverless. lag: seconds until searches
    find what was written, and know an index that was made."""

    serverless: bool = False
    lag: float = 0.0


class Cluster:
    def __init__(self, service: Service | None = None) -> None:
        self.service = service or Service()
        self.indices: dict[str, Index] = {}
        self.aliases: dict[str, set[str]] = {}  # names of indices by alias

    def create(self, name: str, body: Mapping[str, Any]) -> Index:
        """Raises Refused."""
        if not NAME.fullmatch(name):
            raise _bad_name(name, "must be lowercase and without special characters")
        if name in self.aliases:
            raise _bad_name(name, "already exists as alias")
        if name in self.indices:
            uuid = self.indices[name].uuid
            raise Refused(
                "resource_already_exists_exception",
                f"index [{name}/{uuid}] already exists",
                details={"index": name, "index_uuid": uuid},
            )
        for key in body.keys() - OF_CREATION:
            raise Refused("parse_exception", f"unknown key [{key}] for create index")
        if self.service.serverless:
            serverless.check_index(body)
        made = Index(name, urlsafe_b64encode(uuid4().bytes)[:22].decode(), body)
        for alias in body.get("aliases") or {}:
            self._add(alias, name)
        self.indices[name] = made
        return made

    def delete(self, expression: str) -> None:
        """Raises Refused; an alias cannot be deleted so."""
        for part in expression.split(","):
            if part in self.aliases:
                raise illegal(
                    f"The provided expression [{part}] matches an alias, specify the corresponding "
                    "concrete indices instead."
                )
        for name in [index.name for index in self.find(expression)]:
            del self.indices[name]
            for alias in list(self.aliases):
                self._remove(alias, name)

    def find(self, expression: str) -> list[Index]:
        """The indices that names, aliases and patterns stand for. Raises Refused."""
        found: dict[str, Index] = {}
        for part in expression.split(","):
            if "*" in part or part == "_all":
                names = [name for name in self.indices if part == "_all" or fnmatchcase(name, part)]
            elif part in self.indices:
                names = [part]
            elif part in self.aliases:
                names = sorted(self.aliases[part])
            else:
                raise no_index(part)
            found |= {name: self.indices[name] for name in names}
        return list(found.values())

    def one(self, name: str) -> Index:
        """The index that is written to or searched. Raises Refused."""
        found = self.find(name)
        if len(found) > 1:
            raise illegal(
                f"no write index is defined for alias [{name}]. The write index may be explicitly "
                "disabled using is_write_index=false or the alias points to multiple indices "
                "without one being designated as a write index"
            )
        if not found:
            raise no_index(name)
        return found[0]

    def searched(self, expression: str) -> Index:
        """Raises Refused."""
        found = self.find(expression)
        if len(found) != 1:
            raise not_simulated("a search of several indices, or of none")
        [index] = found
        if index.made_at > time.time() - self.service.lag:
            raise no_index(expression)
        index.lag = self.service.lag
        return index

    def change_aliases(self, actions: Iterable[Mapping[str, Any]]) -> None:
        """All of them or, when one is refused, none. Raises Refused."""
        indices = dict(self.indices)
        aliases = {alias: set(names) for alias, names in self.aliases.items()}
        try:
            for action in actions:
                self._change(action)
        except BaseException:
            self.indices, self.aliases = indices, aliases
            raise

    def aliases_of(self, name: str) -> Json:
        return {alias: {} for alias, names in self.aliases.items() if name in names}

    def _change(self, action: Mapping[str, Any]) -> None:
        [(kind, body)] = action.items()
        names = [index.name for index in self.find(body["index"])]
        for name in names:
            match kind:
                case "add":
                    self._add(body["alias"], name)
                case "remove":
                    if name not in self.aliases.get(body["alias"], ()):
                        raise aliases_missing(body["alias"])
                    self._remove(body["alias"], name)
                case "remove_index":
                    self.delete(name)
                case _:
                    raise illegal(f"[alias_action] unknown field [{kind}]")

    def _add(self, alias: str, name: str) -> None:
        if alias in self.indices:
            raise Refused(
                "invalid_alias_name_exception",
                f"Invalid alias name [{alias}]: an index or data stream exists with the same name "
                "as the alias",
            )
        self.aliases.setdefault(alias, set()).add(name)

    def _remove(self, alias: str, name: str) -> None:
        self.aliases[alias].discard(name)
        if not self.aliases[alias]:
            del self.aliases[alias]


def aliases_missing(alias: str) -> Refused:
    return Refused("aliases_not_found_exception", f"aliases [{alias}] missing", status=404)


def _bad_name(name: str, why: str) -> Refused:
    return Refused("invalid_index_name_exception", f"Invalid index name [{name}], {why}")
