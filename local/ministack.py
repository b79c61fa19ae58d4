"""MiniStack: SQS, DynamoDB, IAM and CloudWatch over their wire protocols, with IAM enforced."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from local.program import Program, http_ok

ACCOUNT = "123456789012"
REGION = "us-east-1"
# No policy binds this key, and MiniStack checks no signature of it.
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@dataclass(frozen=True)
class MiniStack(Program):
    """Saves its state when it is asked to stop (SIGTERM) and loses it when it is killed."""

    name = "ministack"
    preferred_port = 4580

    def command(self, port: int) -> list[str]:
        return [sys.executable, "-m", "ministack"]

    def environment(self, port: int) -> dict[str, str]:
        return {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.folder / "state"),
            "S3_DATA_DIR": str(self.folder / "s3"),
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }

    def answers(self, port: int) -> bool:
        return http_ok(f"{self.url(port)}/_ministack/health")

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}"
