"""Scripts on a real Valkey: loaded once, run by many, and running again after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from local import ports
from mangaassist.rates import connect
from mangaassist.redis_script import RedisScript
from tests.mangaassist.limiter.conftest import OwnValkey

COUNT = "return {redis.call('INCRBY', KEYS[1], ARGV[1]), ARGV[2]}"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[OwnValkey]:
    own = OwnValkey(tmp_path)
    yield own
    own.kill()


@pytest.fixture
def script(valkey: OwnValkey) -> RedisScript:
    return RedisScript(connect(valkey.url), COUNT)


def asked(valkey: OwnValkey, about: str) -> dict[str, int]:
    with redis.Redis.from_url(valkey.url, decode_responses=True) as client:
        return dict(client.info(about))


def test_a_script_gets_keys_and_arguments_as_text(script: RedisScript) -> None:
    assert script.run(["k"], [2, "検査"]) == [2, "検査".encode()]
    assert script.run(["k"], [3, 0.5]) == [5, b"0.5"]


def test_threads_run_a_script_on_few_connections(valkey: OwnValkey, script: RedisScript) -> None:
    before = asked(valkey, "stats")["total_connections_received"]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: script.run(["k"], [1, ""])[0], range(100)))
    assert sorted(answers) == list(range(1, 101))
    assert asked(valkey, "stats")["total_connections_received"] - before <= 4 + 1


def test_a_script_that_redis_forgot_is_loaded_again(valkey: OwnValkey, script: RedisScript) -> None:
    script.run(["k"], [1, ""])
    with redis.Redis.from_url(valkey.url) as client:
        client.script_flush()
    assert script.run(["k"], [1, ""])[0] == 2


def test_a_redis_that_was_started_again_is_no_error(valkey: OwnValkey, script: RedisScript) -> None:
    script.run(["k"], [1, ""])
    valkey.kill()
    valkey.start()
    assert script.run(["k"], [1, ""])[0] == 1


def test_a_redis_that_is_gone_is_an_error_until_it_is_back(
    valkey: OwnValkey, script: RedisScript
) -> None:
    script.run(["k"], [1, ""])
    valkey.kill()
    for _ in range(2):
        with pytest.raises(redis.ConnectionError):
            script.run(["k"], [1, ""])
    valkey.start()
    assert script.run(["k"], [1, ""])[0] == 1


def test_a_node_that_became_a_replica_is_left(valkey: OwnValkey, script: RedisScript) -> None:
    script.run(["k"], [1, ""])
    with redis.Redis.from_url(valkey.url) as client:
        client.replicaof("127.0.0.1", str(ports.free()))
        with pytest.raises(redis.ReadOnlyError):
            script.run(["k"], [1, ""])
        client.replicaof("NO", "ONE")
        before = client.info("stats")["total_connections_received"]
        assert script.run(["k"], [1, ""])[0] == 2
        assert client.info("stats")["total_connections_received"] == before + 1


def test_what_a_script_got_wrong_is_told(script: RedisScript) -> None:
    with pytest.raises(redis.ResponseError, match="integer"):
        script.run(["k"], ["one", ""])
    assert script.run(["k"], [1, ""])[0] == 1
