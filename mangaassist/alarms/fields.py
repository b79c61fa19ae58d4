"""Strict reading of a YAML document: every mistake is an error that says where it is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

import yaml

E = TypeVar("E", bound=StrEnum)


class BadFile(Exception):
    """The file of alarms cannot be used; the message says where and why."""


class Fields:
    """The fields of one mapping; `done` refuses those that nobody asked for."""

    def __init__(self, found: object, where: str) -> None:
        if not isinstance(found, Mapping) or not all(isinstance(key, str) for key in found):
            raise BadFile(f"{where}: fields with names are expected, not {found!r}.")
        self.where = where
        self._left: dict[str, Any] = dict(found)

    def __contains__(self, name: str) -> bool:
        return name in self._left

    def take(self, name: str) -> Any:
        if name not in self._left:
            raise BadFile(f"{self.where}: {name} is missing.")
        return self._left.pop(name)

    def text(self, name: str) -> str:
        found = self.take(name)
        if not isinstance(found, str) or not found.strip():
            raise BadFile(f"{self.where}.{name}: a text is expected, not {found!r}.")
        return found.strip()

    def number(self, name: str) -> float:
        found = self.take(name)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise BadFile(f"{self.where}.{name}: a number is expected, not {found!r}.")
        return float(found)

    def choice(self, name: str, choices: type[E]) -> E:
        found = self.text(name)
        if found not in set(choices):
            known = ", ".join(choices)
            raise BadFile(f"{self.where}.{name}: {found!r} is none of {known}.")
        return choices(found)

    def fields(self, name: str) -> Fields:
        return Fields(self.take(name), f"{self.where}.{name}")

    def items(self) -> list[str]:
        """The names of the fields that are left."""
        return list(self._left)

    def done(self) -> None:
        if self._left:
            raise BadFile(f"{self.where}: {', '.join(self._left)} is no field that is known here.")


class _Loader(yaml.SafeLoader):
    """YAML lets the last of two equal keys win; here they are an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                raise BadFile(f"line {line}: {key} is there twice.")
        return super().construct_mapping(node, deep=deep)


def load(text: str) -> object:
    """Raises BadFile with the line."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - the loader is a safe one
    except yaml.YAMLError as error:
        raise BadFile(f"it is no YAML: {error}") from error
