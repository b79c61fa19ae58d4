"""What a stand-in must say about itself to be started, watched and stopped."""

from __future__ import annotations

import pwd
import signal
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypedDict


@dataclass(frozen=True)
class Program(ABC):
    """One stand-in. `folder` is its own and holds everything it writes.

    preferred_port: taken when it is free, so that a developer meets the same address every day.
    stop_signal: asks for an orderly end. account: Unix user to run as, None for the launcher's own.
    """

    name: ClassVar[str]
    preferred_port: ClassVar[int]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    folder: Path
    account: str | None = None

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """The program and its arguments, serving on 127.0.0.1:port."""

    @abstractmethod
    def answers(self, port: int) -> bool:
        """Whether it serves its protocol now. May raise OSError, which means not yet."""

    def environment(self, port: int) -> dict[str, str]:
        """Variables it needs beside the search path and its temporary folder."""
        return {}


class AccountOptions(TypedDict, total=False):
    user: str
    group: int
    extra_groups: list[int]


def account_options(account: str | None) -> AccountOptions:
    """What subprocess needs to run a program as another Unix user; nothing for None."""
    if account is None:
        return {}
    return {"user": account, "group": pwd.getpwnam(account).pw_gid, "extra_groups": []}


def http_ok(url: str) -> bool:
    """Whether a GET of `url` answers 200 within a second."""
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return False
