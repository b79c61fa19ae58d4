"""Workers as processes of this machine: started, watched, started again, and drained."""

from __future__ import annotations

import ctypes
import math
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from django.conf import settings

from mangaassist.broker.exits import MISCONFIGURED
from mangaassist.pools import WorkerPool
from mangaassist.scaling.plan import Size

DRAIN_WITHIN = 120.0  # seconds; a worker finishes what it runs, which takes 80 at most
LOOK_EVERY = 0.1  # seconds, while all of them end
SOUND_AFTER = 60.0  # seconds of life after which a death is the first one again
LONGEST_PAUSE = 60.0  # seconds between two starts of one that dies
REPAIR_PAUSE = 300.0  # seconds; what is misconfigured stays so until somebody repairs it
PR_SET_PDEATHSIG = 1

log = structlog.get_logger(__name__)

Command = Callable[[Size], list[str]]


@dataclass(eq=False)
class Place:
    """Where one worker is wanted; without a process one starts at `start_at`."""

    size: Size
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    deaths: int = 0  # in a row


@dataclass
class Leaving:
    """A worker that was asked to end."""

    process: subprocess.Popen[bytes]
    pool: str
    kill_at: float


def worker_command(size: Size) -> list[str]:
    manage = str(settings.BASE_DIR / "manage.py")
    return [sys.executable, manage, "worker", size.pool.name, f"--slots={size.slots}"]


class Processes:
    """Holds as many worker processes as it was last told. For the main thread alone: the kernel
    ends the children with the thread that started them."""

    def __init__(self, command: Command = worker_command) -> None:
        self.places: dict[str, list[Place]] = defaultdict(list)
        self.leaving: list[Leaving] = []
        self._command = command

    def workers(self, pool: WorkerPool) -> int:
        """How many are wanted."""
        return len(self.places[pool.name])

    def scale(self, size: Size, workers: int) -> None:
        """Starts the missing ones, or asks dead ones and then the newest to end; waits for none."""
        places = self.places[size.pool.name]
        while len(places) > workers:
            dead = (place for place in places if place.process is None)
            place = next(dead, places[-1])
            places.remove(place)
            self._ask_to_end(place)
        places += [Place(size) for _ in range(workers - len(places))]
        self.tend()

    def tend(self) -> None:
        """Starts who is due, sees who has ended, kills who did not end within DRAIN_WITHIN."""
        for place in self._everywhere():
            if place.process is not None and place.process.poll() is not None:
                _bury(place, place.process.returncode)
            if place.process is None and time.monotonic() >= place.start_at:
                self._start(place)
        self.leaving = [one for one in self.leaving if not _has_left(one)]

    def close(self) -> None:
        """Asks all of them to end and returns when they have."""
        for place in self._everywhere():
            self._ask_to_end(place)
        self.places.clear()
        while self.leaving:
            time.sleep(LOOK_EVERY)
            self.tend()

    def _everywhere(self) -> Iterable[Place]:
        return [place for places in self.places.values() for place in places]

    def _start(self, place: Place) -> None:
        place.started_at = time.monotonic()
        try:
            place.process = subprocess.Popen(
                self._command(place.size),
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in a terminal is for the autoscaler alone.
                preexec_fn=_ending_with_parent(),
            )
        except OSError:  # A machine may lack the memory; the other workers go on.
            pause = _put_off(place)
            log.exception("worker_not_started", pool=place.size.pool.name, next_in=pause)
            return
        log.info("worker_started", pool=place.size.pool.name, pid=place.process.pid)

    def _ask_to_end(self, place: Place) -> None:
        if place.process is None:
            return
        place.process.terminate()
        kill_at = time.monotonic() + DRAIN_WITHIN
        self.leaving.append(Leaving(place.process, place.size.pool.name, kill_at))


def pause_after(code: int | None, deaths: int) -> float:
    """Seconds until a worker is started again that has died so many times in a row.

    code: its last exit status, None when it did not even start.
    """
    if code == MISCONFIGURED:
        return REPAIR_PAUSE
    return min(LONGEST_PAUSE, 2.0 ** min(deaths - 1, 10))


def _bury(place: Place, code: int) -> None:
    """Nobody asked it to end: notes when to start the next one."""
    place.process = None
    pause = _put_off(place, code)
    log.error(
        "worker_died", pool=place.size.pool.name, code=code, deaths=place.deaths, next_in=pause
    )


def _put_off(place: Place, code: int | None = None) -> float:
    """Lets the next start wait, and returns for how many seconds."""
    now = time.monotonic()
    place.deaths = 1 if now - place.started_at >= SOUND_AFTER else place.deaths + 1
    pause = pause_after(code, place.deaths)
    place.start_at = now + pause
    return pause


def _has_left(one: Leaving) -> bool:
    code = one.process.poll()
    if code is not None:
        log.info("worker_ended", pool=one.pool, pid=one.process.pid, code=code)
        return True
    if time.monotonic() >= one.kill_at:
        log.error("worker_killed", pool=one.pool, pid=one.process.pid, after=DRAIN_WITHIN)
        one.process.kill()
        one.kill_at = math.inf
    return False


def _ending_with_parent() -> Callable[[], None]:
    """What a child does before its program: it lets the signals through that the autoscaler blocks,
    and asks the kernel to end it with its parent, even when that is killed (only Linux can)."""
    parent = os.getpid()
    # Looked up here: between fork and exec another thread's lock on the loader stays locked.
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def in_child() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if prctl is None:
            return
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return in_child
