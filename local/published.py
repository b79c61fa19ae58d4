"""The files of a stack: env.json for clients while it runs, secrets.json kept between runs."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from local.lock import is_held

Environment = dict[str, str]
LOCK = "launcher.lock"


class NotRunning(Exception):
    """No launcher serves this data folder now."""


@dataclass
class Secrets:
    """What a data folder was made with; `roles` holds one key pair for each IAM role."""

    postgres_password: str = field(default_factory=secrets.token_urlsafe)
    roles: dict[str, Environment] = field(default_factory=dict)


def load_secrets(data: Path) -> Secrets:
    """Reads the secrets of a data folder, or makes and keeps new ones."""
    path = data / "secrets.json"
    if path.exists():
        return Secrets(**json.loads(path.read_text()))
    made = Secrets()
    save_secrets(data, made)
    return made


def save_secrets(data: Path, kept: Secrets) -> None:
    _write(data / "secrets.json", asdict(kept))


def publish(data: Path, document: dict[str, Any]) -> None:
    _write(data / "env.json", document)


def withdraw(data: Path) -> None:
    """Removes env.json, so that nobody uses the addresses of an earlier run."""
    (data / "env.json").unlink(missing_ok=True)


def read(data: Path) -> dict[str, Any]:
    """The document of a running stack: common, admin, roles, services. Raises NotRunning."""
    path = data / "env.json"
    if not path.exists() or not is_held(data / LOCK):
        raise NotRunning(
            f"no stack runs on {data}; start one with: python -m local up --data {data}"
        )
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def environment_of(document: dict[str, Any], identity: str) -> Environment:
    """Variables for a process that runs as an IAM role or as `admin`. Raises KeyError."""
    keys = document["admin"] if identity == "admin" else document["roles"][identity]
    return {**document["common"], **keys}


def write_private(path: Path, content: str) -> None:
    """Replaces a file as a whole by one that nobody else may read."""
    unfinished = path.with_suffix(".tmp")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(content)
    unfinished.replace(path)


def _write(path: Path, document: dict[str, Any]) -> None:
    write_private(path, json.dumps(document, indent=2))
