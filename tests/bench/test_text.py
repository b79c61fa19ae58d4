from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bench.text import TYPICAL, UNITS, inputs
from mangaassist.graphemes import count_grapheme_clusters
from mangaassist.validation import FRAME_BYTES, validate_message


def test_the_bench_ends_with_its_figures() -> None:
    command = [sys.executable, "-m", "bench.text", "--quick", "--json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    figures = json.loads(lines[-1])
    assert set(figures) == {"worst_ms", "typical_ms"}
    assert figures["worst_ms"] > figures["typical_ms"] > 0


@pytest.mark.parametrize("what", UNITS)
def test_every_input_fills_a_frame(what: str) -> None:
    assert FRAME_BYTES - 4 < len(inputs()[what].encode()) <= FRAME_BYTES


def test_the_everyday_message_is_one_of_200_characters() -> None:
    assert count_grapheme_clusters(TYPICAL) == 200
    assert validate_message(TYPICAL).accepted
