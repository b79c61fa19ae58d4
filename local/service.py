"""One child process: start it on a port, know when it serves, show its log, end it in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local import ports
from local.lock import Lock, Locked
from local.program import Program, account_options

READY_WITHIN = 30.0  # seconds
STOP_WITHIN = 15.0  # seconds
POLL = 0.02  # seconds
PORT_ATTEMPTS = 3
LOG_TAIL = 2_000  # bytes
PR_SET_PDEATHSIG = 1


class ServiceFailed(Exception):
    """A stand-in did not start or ended by itself; the message ends with its log."""


class Service:
    """A program while it runs, with its port, process id and log."""

    def __init__(self, program: Program, port: int) -> None:
        """Starts the process; `wait_until_ready` says when it serves."""
        self.program = program
        self.port = port
        self.log = log_of(program)
        self._log_begins = self.log.stat().st_size if self.log.exists() else 0
        lock = _lock_for(program)
        self._process = _spawn(program, port, self.log, lock.descriptor)
        lock.write(self.pid)
        lock.release()  # From here the child alone holds it, for as long as it lives.

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ended(self) -> ServiceFailed:
        """What to raise when it is found dead."""
        return self._failure(f"(pid {self.pid}) ended by itself, code {self._process.returncode}")

    def wait_until_ready(self) -> None:
        """Raises ServiceFailed when it ends first or does not serve within READY_WITHIN seconds."""
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if not self.is_alive:
                raise self.ended()
            if time.monotonic() > deadline:
                raise self._failure(f"was not ready within {READY_WITHIN:.0f} s")
            time.sleep(POLL)
        # On a port lost to another program, it is the other one that answered.
        if not self.is_alive:
            raise self.ended()

    def stop(self) -> int:
        """Asks it to end, kills its process group only if it stays, and returns its exit code."""
        self._process.send_signal(self.program.stop_signal)
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self.pid, signal.SIGKILL)
        return self._process.wait()

    def _answers(self) -> bool:
        try:
            return self.program.answers(self.port)
        except OSError:
            return False

    def _failure(self, what: str) -> ServiceFailed:
        with self.log.open("rb") as file:
            file.seek(max(self._log_begins, self.log.stat().st_size - LOG_TAIL))
            tail = file.read().decode(errors="replace")
        return ServiceFailed(f"{self.name} {what}. The end of {self.log}:\n{tail}")


def start(program: Program, *, free_port: bool = False) -> Service:
    """Starts a program and waits until it serves, on its preferred port or on a free one.

    free_port: do not even try the preferred port. Raises ServiceFailed.
    """
    port = ports.free() if free_port else ports.preferred_or_free(program.preferred_port)
    for _ in range(PORT_ATTEMPTS - 1):
        try:
            return _started(program, port)
        except ServiceFailed:
            # Another program may have taken the port between our look and the child's bind.
            if ports.is_free(port):
                raise
            port = ports.free()
    return _started(program, port)


def log_of(program: Program) -> Path:
    return program.folder.with_name(f"{program.name}.log")


def ending_with_parent(stop_signal: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """Makes what a child runs before its program, to end when the parent dies, even by SIGKILL.

    The kernel watches the thread that started the child, so that must be the main thread. macOS has
    nothing like it: there the next launcher finds the leftover by its lock and ends it.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def in_child() -> None:
        if libc is None:
            return
        libc.prctl(PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != parent:
            os._exit(1)

    return in_child


def _started(program: Program, port: int) -> Service:
    service = Service(program, port)
    try:
        service.wait_until_ready()
    except BaseException:
        service.stop()
        raise
    return service


def _lock_for(program: Program) -> Lock:
    """Takes the program's folder from a leftover of a killed launcher, once that saved its data."""
    lock = Lock(program.folder.with_name(f"{program.name}.lock"))
    try:
        lock.acquire()
    except Locked as locked:
        os.kill(int(locked.holder), program.stop_signal)
        lock.acquire(timeout=STOP_WITHIN)
    return lock


def _spawn(program: Program, port: int, log: Path, lock: int) -> subprocess.Popen[bytes]:
    folder = program.folder
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder.with_name("tmp")),
    }
    with log.open("ab") as output:
        return subprocess.Popen(
            program.command(port),
            cwd=folder,
            env=environment | program.environment(port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=ending_with_parent(program.stop_signal),
            pass_fds=[lock],
            **account_options(program.account),
        )
