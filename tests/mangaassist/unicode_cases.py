"""The cases of Unicode's own tests."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).with_name("unicode")


def grapheme_breaks() -> list[list[str]]:
    """Every case of UAX #29 as the list of its clusters."""
    lines = (FOLDER / "grapheme_breaks.txt").read_text(encoding="utf-8").splitlines()
    return [
        [text(cluster.replace("×", "")) for cluster in line.strip("÷ ").split("÷")]
        for line in lines
    ]


def emoji() -> list[str]:
    """Every emoji, also those that lack a presentation selector, and the components."""
    return [text(line) for line in (FOLDER / "emoji.txt").read_text("ascii").splitlines()]


def text(code_points: str) -> str:
    return "".join(chr(int(point, 16)) for point in code_points.split())
