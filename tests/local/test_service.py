"""One child process: where it serves, what is said when it fails, how it ends."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local import ports, service
from local.program import Program, http_ok
from local.service import Service, ServiceFailed


@dataclass(frozen=True)
class WebServer(Program):
    """A program that serves its folder; `wish` is the port that it would like."""

    name = "web"
    wish: int = field(default_factory=ports.free)

    @property
    def preferred_port(self) -> int:  # type: ignore[override]
        return self.wish

    def command(self, port: int) -> list[str]:
        return [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]

    def answers(self, port: int) -> bool:
        return http_ok(f"http://127.0.0.1:{port}/")


@dataclass(frozen=True)
class LosesItsPort(WebServer):
    """Another program binds the port after the launcher found it free."""

    other: socket.socket = field(default_factory=socket.socket)

    def command(self, port: int) -> list[str]:
        if port == self.wish:
            self.other.bind(("127.0.0.1", port))
        return super().command(port)


@dataclass(frozen=True)
class Script(WebServer):
    """A program that runs a line of Python and serves nothing."""

    line: str = "pass"

    def command(self, port: int) -> list[str]:
        return [sys.executable, "-c", self.line]

    def answers(self, port: int) -> bool:
        return bool(self.folder.joinpath("ready").exists())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "web").mkdir()
    return tmp_path / "web"


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        yield other.getsockname()[1]


def test_it_serves_on_its_preferred_port(folder: Path) -> None:
    program = WebServer(folder)
    running = service.start(program)
    running.stop()
    assert running.port == program.wish


def test_a_taken_preferred_port_moves_it_to_a_free_one(folder: Path, taken_port: int) -> None:
    running = service.start(WebServer(folder, wish=taken_port))
    running.stop()
    assert running.port != taken_port


def test_a_port_lost_to_another_program_moves_it_too(folder: Path) -> None:
    program = LosesItsPort(folder)
    with program.other:
        running = service.start(program)
        running.stop()
    assert running.port != program.wish


def test_a_program_that_ends_before_it_serves_shows_its_log(folder: Path) -> None:
    with pytest.raises(ServiceFailed, match=r"(?s)ended by itself, code 3.*no room"):
        service.start(Script(folder, line="print('no room'); raise SystemExit(3)"))


def test_the_log_shown_is_of_this_run_alone(folder: Path) -> None:
    folder.with_name("web.log").write_text("an old story\n")
    with pytest.raises(ServiceFailed) as failure:
        service.start(Script(folder))
    assert "old story" not in str(failure.value)


def test_a_program_that_never_serves_is_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "READY_WITHIN", 0.1)
    with pytest.raises(ServiceFailed, match="was not ready"):
        service.start(Script(folder, line="import time; time.sleep(60)"))


def test_a_program_that_ignores_its_stop_signal_is_killed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "STOP_WITHIN", 0.1)
    deaf = "import pathlib, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    ready = "pathlib.Path('ready').touch()"
    running = service.start(Script(folder, line=f"{deaf}; {ready}; signal.pause()"))
    assert running.stop() == -signal.SIGKILL


def test_a_leftover_of_a_killed_launcher_is_ended_first(folder: Path) -> None:
    leftover = service.start(WebServer(folder))
    successor = Service(WebServer(folder), ports.free())
    successor.stop()
    assert leftover.stop() == -signal.SIGTERM
