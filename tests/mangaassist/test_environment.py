"""Reading of environment variables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from mangaassist.environment import (
    env_address,
    env_bool,
    env_float,
    env_int,
    env_list,
    env_origins,
    env_quota,
    env_quotas,
    env_rate,
    env_secret,
    env_str,
    env_weekly,
)

READERS: list[tuple[Callable[..., Any], str, Any]] = [
    (env_str, "text", "text"),
    (env_int, "42", 42),
    (env_float, "0.5", 0.5),
    (env_address, "https://a.example/{id}", "https://a.example/{id}"),
    (env_address, "", ""),
    (env_bool, "true", True),
    (env_bool, "False", False),
    (env_list, "a, b,,c ", ["a", "b", "c"]),
    (env_list, "", []),
    (env_origins, "https://a.example, http://b:81", ["https://a.example", "http://b:81"]),
    (env_origins, "", []),
    (env_rate, "600/100", (600, 100)),
    (env_weekly, "Mon 10:00", (0, time(10))),
    (env_weekly, "sun 23:30", (6, time(23, 30))),
    (env_quota, "1000/300000", (1_000, 300_000)),
    (env_quotas, "a=1/2, b.c-v1:0=3/4,", {"a": (1, 2), "b.c-v1:0": (3, 4)}),
    (env_quotas, "", {}),
    (env_secret, "secret", "secret"),
]


@pytest.mark.parametrize(("read", "text", "value"), READERS)
def test_a_variable_is_read(
    monkeypatch: pytest.MonkeyPatch, read: Callable[..., Any], text: str, value: object
) -> None:
    monkeypatch.setenv("X", text)
    assert read("X", None) == value


@pytest.mark.parametrize("read", {reader for reader, _, _ in READERS})
def test_without_the_variable_the_default_stands(
    monkeypatch: pytest.MonkeyPatch, read: Callable[..., Any]
) -> None:
    monkeypatch.delenv("X", raising=False)
    assert read("X", "default") == "default"


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (env_int, "ten"),
        (env_int, ""),
        (env_float, "1,5"),
        (env_address, "https://a.example/"),
        (env_address, "javascript:{id}"),
        (env_bool, "yes"),
        (env_origins, "*"),
        (env_origins, "www.example.com"),
        (env_origins, "https://www.example.com/"),
        (env_origins, "https://a.example; script-src *"),
        (env_rate, "600"),
        (env_rate, "0/5"),
        (env_quota, "1000"),
        (env_quotas, "a"),
        (env_quotas, "a=1/0"),
    ],
)
def test_nonsense_stops_the_start_and_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, read: Callable[..., Any], text: str
) -> None:
    monkeypatch.setenv("X", text)
    with pytest.raises(ImproperlyConfigured, match="X="):
        read("X", 1)


def test_a_secret_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from-file\n")
    monkeypatch.setenv("X_FILE", str(tmp_path / "key"))
    assert env_secret("X", "default") == "from-file"


def test_an_unreadable_secret_file_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_FILE", "/nowhere/key")
    with pytest.raises(ImproperlyConfigured, match="X_FILE"):
        env_secret("X", "default")
