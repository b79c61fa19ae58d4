"""A real Celery worker process with the app of these tests."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

from tests.stack import ROOT

# Longer than a visibility timeout: a poll that a fault cut off may still have taken the message.
LONGEST_WAIT = 60.0  # seconds for anything that a test awaits


class Worker:
    """Runs until it is stopped; `lines` is what it has printed."""

    def __init__(self, environment: dict[str, str], concurrency: int) -> None:
        """Starts it; `wait_for` says when it is ready."""
        self.lines: list[str] = []
        self._printed = threading.Condition()
        self._ended = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "tests.mangaassist.broker.app", "worker",
             "--loglevel", "INFO", "--concurrency", str(concurrency), "--without-gossip"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_for(self, text: str) -> str:
        """Returns the first line that contains the text, as soon as it is printed."""

        def found() -> str | None:
            return next((line for line in self.lines if text in line), None)

        with self._printed:
            self._printed.wait_for(lambda: found() or self._ended, LONGEST_WAIT)
        line = found()
        assert line, f"The worker did not print {text!r}:\n{self.output}"
        return line

    def terminate(self) -> None:
        """Asks for a warm shutdown."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        if self.is_alive:
            self._process.kill()
        self.exit_code()

    def exit_code(self) -> int:
        """Waits for the end."""
        code = self._process.wait(LONGEST_WAIT)
        self._reader.join()
        return code

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as output:
            for line in output:
                with self._printed:
                    self.lines.append(line)
                    self._printed.notify_all()
        with self._printed:
            self._ended = True
            self._printed.notify_all()
