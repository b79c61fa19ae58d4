"""Keeps the indices from one run to the next, as long as this code stays the same."""

from __future__ import annotations

import pickle
from hashlib import sha256
from pathlib import Path

from local.opensearch.cluster import Cluster


def load(folder: Path) -> Cluster:
    """The indices that were saved there; none if none were, or by another version of this code."""
    file = _file(folder)
    if not file.exists():
        return Cluster()
    with file.open("rb") as content:
        kept: Cluster = pickle.load(content)  # noqa: S301 -- our own file
    return kept


def save(cluster: Cluster, folder: Path) -> None:
    """Replaces what was saved there, by any version."""
    unfinished = folder / "unfinished"
    with unfinished.open("wb") as content:
        pickle.dump(cluster, content, pickle.HIGHEST_PROTOCOL)
    for old in folder.glob("cluster-*"):
        old.unlink()
    unfinished.replace(_file(folder))


def _file(folder: Path) -> Path:
    code = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return folder / f"cluster-{sha256(code).hexdigest()[:16]}"
