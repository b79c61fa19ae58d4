"""MiniStack: SQS, DynamoDB, IAM and CloudWatch over their wire protocols, with IAM enforced."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from local import compose
from local.program import Program, http_ok

FOLDER = Path(__file__).resolve().parent.parent  # whose package this is
VALUES = compose.local_values()
REGION = VALUES["AWS_REGION"]
# No policy binds this key, and MiniStack checks no signature of it.
ROOT = {name: VALUES[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}


@dataclass(frozen=True)
class MiniStack(Program):
    """Saves its state when it is asked to stop (SIGTERM) and loses it when it is killed."""

    name = "ministack"
    preferred_port = 4580

    def command(self, port: int) -> list[str]:
        return [sys.executable, "-m", "local.lean_ministack"]

    def environment(self, port: int) -> dict[str, str]:
        service = compose.local_service(
            "ministack",
            MINISTACK_PORT=str(port),
            MINISTACK_BIND="127.0.0.1",
            MINISTACK_HOST="127.0.0.1",
        )
        folders = {"STATE_DIR": str(self.folder / "state"), "S3_DATA_DIR": str(self.folder / "s3")}
        return service.environment | folders | {"PYTHONPATH": str(FOLDER)}

    def answers(self, port: int) -> bool:
        return http_ok(f"{self.url(port)}/_ministack/health")

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"
