"""The API of a running site, as a program of an editor uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import urllib3

Wait = Callable[[Callable[[], bool], float], None]


class Api:
    """Speaks to the API at an address with a token; `wait` is the patience of the test."""

    def __init__(self, address: str, token: str, wait: Wait) -> None:
        self.address = address
        self._http = urllib3.PoolManager(headers={"Authorization": f"Token {token}"}, retries=False)
        self._wait = wait

    def request(self, method: str, path: str, **content: Any) -> urllib3.BaseHTTPResponse:
        return self._http.request(method, f"{self.address}/api/{path}", **content)

    def get(self, path: str) -> Any:
        return json.loads(self.text(path))

    def text(self, path: str) -> str:
        answer = self.request("GET", path)
        assert answer.status == 200, answer.data
        return answer.data.decode()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.request("POST", path, json=body)
        assert answer.status in (200, 202), answer.data
        return answer.json()

    def upload(self, name: str, content: bytes) -> int:
        """The id of the release that a file becomes."""
        answer = self.request("POST", "releases/", fields={"file": (name, content)})
        assert answer.status == 202, answer.data
        return int(answer.json()["id"])

    def when_read(self, release: int, seconds: float = 90.0) -> Any:
        """The release, once a maintenance worker has read it."""
        address = f"releases/{release}/"
        self._wait(lambda: self.get(address)["state"] not in ("received", "staging"), seconds)
        return self.get(f"releases/{release}/")

    def is_served(self) -> bool:
        try:
            return self.request("GET", "releases/").status == 200
        except urllib3.exceptions.HTTPError:
            return False
