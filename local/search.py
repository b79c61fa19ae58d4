"""The stand-in for OpenSearch Serverless as a program of the stack."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from local.program import Program, http_ok


@dataclass(frozen=True)
class OpenSearch(Program):
    name = "opensearch"
    preferred_port = 4582

    def command(self, port: int) -> list[str]:
        place = ("--port", str(port), "--data", str(self.folder))
        return [sys.executable, "-m", "local.opensearch", "--serverless", *place]

    def environment(self, port: int) -> dict[str, str]:
        return {
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
            "OPENBLAS_NUM_THREADS": "1",  # Several would spin, waiting for each other.
        }

    def answers(self, port: int) -> bool:
        return http_ok(f"{self.url(port)}/_sim/health")

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"
