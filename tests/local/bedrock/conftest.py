"""One simulator for the session, started as its users start it, and reset before each test."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-local" / "bin" / "python"
HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"


@dataclass(frozen=True)
class Control:
    """The control endpoints of a running simulator."""

    url: str

    def get(self, path: str) -> Any:
        return self._send("GET", path, None)

    def post(self, path: str, settings: object = None) -> Any:
        return self._send("POST", path, settings)

    def delete(self, path: str) -> Any:
        return self._send("DELETE", path, None)

    def fault(self, **rule: object) -> None:
        self.post("faults", [rule])

    def _send(self, method: str, path: str, settings: object) -> Any:
        data = None if settings is None else json.dumps(settings).encode()
        request = urllib.request.Request(f"{self.url}/_sim/{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)


@dataclass(frozen=True)
class Bedrock:
    """Calls the simulator through boto3, with the bodies that MangaAssist sends."""

    client: Any

    def invoke(self, prompt: str | list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
        response = self.client.invoke_model(**request(prompt, **fields))
        answer: dict[str, Any] = json.loads(response["body"].read())
        return answer

    def stream(self, prompt: str, **fields: Any) -> Generator[dict[str, Any]]:
        response = self.client.invoke_model_with_response_stream(**request(prompt, **fields))
        with closing(response["body"]):
            for event in response["body"]:
                yield json.loads(event["chunk"]["bytes"])


def request(
    prompt: str | list[dict[str, Any]], model: str = HAIKU, max_tokens: int = 2_000, **fields: Any
) -> dict[str, Any]:
    """The arguments of an invocation; a string is one user message."""
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": max_tokens,
        "messages": messages,
        **fields,
    }
    return {"modelId": model, "body": json.dumps(body)}


def text(answer: dict[str, Any]) -> str:
    return "".join(block["text"] for block in answer["content"])


def streamed_text(events: list[dict[str, Any]]) -> str:
    deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
    return "".join(delta["text"] for delta in deltas)


def connect(url: str, read_timeout: float) -> Any:
    return boto3.Session(
        aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1"
    ).client(
        "bedrock-runtime",
        endpoint_url=url,
        config=Config(
            read_timeout=read_timeout,
            max_pool_connections=100,
            retries={"mode": "standard", "total_max_attempts": 1},
        ),
    )


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    command = [str(PYTHON), "-m", "local.bedrock", "--port", "0", "--speed", "1000"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


@pytest.fixture(scope="session")
def session_client(simulator_url: str) -> Iterator[Any]:
    client = connect(simulator_url, read_timeout=20)
    yield client
    client.close()


@pytest.fixture
def control(simulator_url: str) -> Control:
    control = Control(simulator_url)
    control.post("reset")
    return control


@pytest.fixture
def bedrock(control: Control, session_client: Any) -> Bedrock:
    return Bedrock(session_client)


@pytest.fixture
def impatient(control: Control) -> Iterator[Bedrock]:
    """A client that waits half a second for the next byte."""
    client = connect(control.url, read_timeout=0.5)
    yield Bedrock(client)
    client.close()
