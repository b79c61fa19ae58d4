"""The Bedrock Runtime simulator as a program of the stack."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

from local import compose
from local.program import Program, http_ok


@dataclass(frozen=True)
class BedrockSimulator(Program):
    name = "bedrock"
    preferred_port = 4581

    speed: float = field(default=1.0, kw_only=True)

    def command(self, port: int) -> list[str]:
        service = compose.local_service(
            "bedrock",
            BEDROCK_HOST="127.0.0.1",
            BEDROCK_PORT=str(port),
            BEDROCK_SPEED=str(self.speed),
        )
        return [sys.executable, *service.command[1:]]

    def environment(self, port: int) -> dict[str, str]:
        return {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)}

    def answers(self, port: int) -> bool:
        return http_ok(f"{self.url(port)}/_sim/health")

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"
