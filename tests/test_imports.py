"""Imports go one way: mangaassist ← enrichment, chat; product code never knows its stand-ins."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "mangaassist": {"mangaassist"},
    "enrichment": {"mangaassist", "enrichment"},
    "chat": {"mangaassist", "chat"},
    "dashboard": {"mangaassist", "enrichment", "chat", "dashboard"},
    "local": {"local"},
    "bench": {"bench", "mangaassist", "enrichment", "chat", "dashboard", "local"},
}
OURS = set(ALLOWED) | {"tests"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path)
        if name in OURS - ALLOWED[package]
    }
    assert not found
