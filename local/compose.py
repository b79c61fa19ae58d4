"""Reads docker-compose.yml as Compose does, as far as our file goes: merged keys, variables, words.

What Compose has and our file does not use is refused, so that both always read the same.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

FILE = Path(__file__).resolve().parent.parent / "docker-compose.yml"
LOCAL_VALUES = Path(__file__).with_name("compose.env")

VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|\{(?P<name>\w+)(?:(?P<kind>:[-?]|\?)(?P<rest>[^${}]*))?\}|)"
)
SECONDS = re.compile(r"(\d+)s")
DEFAULT_STOP = "10s"  # Compose's own


class Unset(Exception):
    """A variable that must have a value has none; the message says what to do."""


class Unsupported(Exception):
    """The file uses something of Compose that this reader does not know."""


@dataclass(frozen=True)
class Service:
    """A service with its variables filled in.

    command, healthcheck: words, without any if the image has its own; stop_within: seconds.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    healthcheck: list[str]
    stop_within: float


def services(values: Mapping[str, str]) -> dict[str, Service]:
    """All services by name. Raises Unset or Unsupported."""
    return {
        name: _service(name, fill(service, values), values)
        for name, service in document()["services"].items()
    }


def local_service(name: str, **values: str) -> Service:
    """A service with the values of a machine without AWS, and with these in their place."""
    return services(local_values() | values)[name]


def local_values() -> dict[str, str]:
    """The values of a machine without AWS, as `docker compose --env-file` reads them."""
    lines = LOCAL_VALUES.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


@cache
def document() -> dict[str, Any]:
    """The file with its merged keys, variables as they are written."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


def fill(content: Any, values: Mapping[str, str]) -> Any:
    """Puts values in the place of variables in every text. Raises Unset or Unsupported."""
    match content:
        case str():
            return VARIABLE.sub(lambda found: _value(found, values), content)
        case list():
            return [fill(part, values) for part in content]
        case dict():
            return {key: fill(part, values) for key, part in content.items()}
        case _:
            return content


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found["escaped"]:
        return "$"
    if found["name"] is None:
        raise Unsupported(f"in {found.string!r}: write ${{NAME}}, ${{NAME:-default}} or $$")
    value = values.get(found["name"], "")
    match found["kind"]:
        case ":-":
            return value or found["rest"]
        case ":?" if not value:
            raise Unset(f"{found['name']} is not set. {found['rest']}")
        case "?" if found["name"] not in values:
            raise Unset(f"{found['name']} is not set. {found['rest']}")
        case _:
            return value


def _service(name: str, service: Mapping[str, Any], values: Mapping[str, str]) -> Service:
    return Service(
        name=name,
        command=_words(service.get("command", [])),
        environment=_environment(service.get("environment", {}), values),
        healthcheck=_healthcheck(service.get("healthcheck")),
        stop_within=_seconds(service.get("stop_grace_period", DEFAULT_STOP)),
    )


def _words(command: str | list[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else list(command)


def _environment(
    written: Mapping[str, str | None] | list[str], values: Mapping[str, str]
) -> dict[str, str]:
    """A name without a value is passed on from outside, if it is there."""
    if isinstance(written, list):
        raise Unsupported("write environment as a mapping")
    passed_on = {name: values[name] for name, value in written.items() if name in values}
    return passed_on | {name: value for name, value in written.items() if value is not None}


def _healthcheck(written: Mapping[str, Any] | None) -> list[str]:
    if written is None:
        return []
    kind, *words = cast("list[str]", written["test"])
    if kind != "CMD":
        raise Unsupported(f"a health check of the kind {kind}")
    return words


def _seconds(written: str) -> float:
    found = SECONDS.fullmatch(written)
    if found is None:
        raise Unsupported(f"{written!r}: write a duration in seconds, such as 60s")
    return float(found[1])
