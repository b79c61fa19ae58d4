"""boto3's shared credentials file: a profile for each role, named as the role."""

from __future__ import annotations

import configparser
import io
from collections.abc import Mapping
from pathlib import Path

from local import published


def read(path: Path) -> dict[str, published.Environment]:
    """Role → its key, by the names of environment variables; nothing if there is no file."""
    parser = configparser.RawConfigParser()
    parser.read(path)
    return {
        role: {name.upper(): value for name, value in parser.items(role)}
        for role in parser.sections()
    }


def write(path: Path, roles: Mapping[str, published.Environment]) -> None:
    parser = configparser.RawConfigParser()
    parser.read_dict(roles)
    text = io.StringIO()
    parser.write(text)
    published.write_private(path, text.getvalue())
