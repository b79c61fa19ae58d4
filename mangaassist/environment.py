"""Typed readers of environment variables; nonsense in one stops the start with its name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import time
from typing import TypeVar

from django.core.exceptions import ImproperlyConfigured

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")

T = TypeVar("T")


def env_str(name: str, default: str) -> str:
    return os.environ.get(name, default)


def env_int(name: str, default: int) -> int:
    return _read(name, default, int, "a whole number")


def env_float(name: str, default: float) -> float:
    return _read(name, default, float, "a number")


def env_bool(name: str, default: bool) -> bool:
    return _read(
        name, default, lambda text: {"true": True, "false": False}[text.lower()], "true or false"
    )


def env_list(name: str, default: list[str]) -> list[str]:
    """Reads a comma-separated list; blanks around entries and empty entries are dropped."""
    return _read(name, default, _list, "a list")


def env_origins(name: str, default: list[str]) -> list[str]:
    """Reads a list of `https://www.example.com`: a scheme, a host and perhaps a port."""
    return _read(name, default, _origins, "a list of origins such as https://www.example.com:8443")


def env_rate(name: str, default: tuple[int, int]) -> tuple[int, int]:
    """Reads `600/100`: so many a minute, and so many at once."""
    return _read(name, default, _rate, "a rate such as 600/100")


def env_weekly(name: str, default: tuple[int, time]) -> tuple[int, time]:
    """Reads `mon 10:00`: a day of the week, where Monday is 0, and a time of that day."""
    return _read(name, default, _weekly, "a time of the week such as mon 10:00")


def env_quota(name: str, default: tuple[int, int]) -> tuple[int, int]:
    """Reads `10000/10000000`: requests and tokens a minute."""
    return _read(name, default, _rate, "a quota such as 10000/10000000")


def env_quotas(name: str, default: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Reads a comma-separated list of `MODEL=1000/300000`, by model."""
    return _read(name, default, _quotas, "a list such as MODEL=1000/300000,OTHER=500/100000")


def env_address(name: str, default: str) -> str:
    """Reads `https://shop.example/titles/{id}`: where a title's page is."""
    return _read(name, default, _address, "an address such as https://shop.example/titles/{id}")


def env_secret(name: str, default: str) -> str:
    """Reads a secret from the variable, or from the file that NAME_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    if path is None:
        return os.environ.get(name, default)
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE={path!r} cannot be read: {error.strerror}"
        ) from error


def _read(name: str, default: T, parse: Callable[[str], T], what: str) -> T:
    text = os.environ.get(name)
    if text is None:
        return default
    try:
        return parse(text)
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name}={text!r} is not {what}.") from error


def _rate(text: str) -> tuple[int, int]:
    per_minute, burst = (int(part) for part in text.split("/"))
    if min(per_minute, burst) < 1:
        raise ValueError("Nothing would ever be let through.")
    return per_minute, burst


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _origins(text: str) -> list[str]:
    origins = _list(text)
    if not all(map(ORIGIN.fullmatch, origins)):
        raise ValueError("A browser would take it for something else, or for every store.")
    return origins


def _address(text: str) -> str:
    if not (text.startswith(("https://", "http://")) and "{id}" in text) and text:
        raise ValueError("It leads nowhere, or to one page for all.")
    return text


def _weekly(text: str) -> tuple[int, time]:
    day, clock = text.lower().split()
    return DAYS.index(day), time.fromisoformat(clock)


def _quotas(text: str) -> dict[str, tuple[int, int]]:
    entries = (entry.strip().split("=") for entry in text.split(",") if entry.strip())
    return {model: _rate(quota) for model, quota in entries}
