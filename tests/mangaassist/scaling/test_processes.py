"""Workers as processes: small real programs that stand for a worker."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mangaassist.broker.exits import MISCONFIGURED, UNREACHABLE
from mangaassist.scaling import processes
from mangaassist.scaling.plan import Size
from mangaassist.scaling.processes import Processes, pause_after
from tests.mangaassist.scaling.loads import size
from tests.processes import ROOT

# Says that it can be asked to end, and then needs a moment for it.
WORKER = """
import pathlib, signal, sys, time
def end(number, frame):
    time.sleep(0.2)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
pathlib.Path(sys.argv[1], str(time.monotonic())).touch()
while True:
    signal.pause()
"""
DEAF = WORKER.replace("signal.signal(signal.SIGTERM, end)", "signal.signal(15, signal.SIG_IGN)")
ENOUGH = 20.0  # seconds for anything that a test awaits


@pytest.fixture
def started(tmp_path: Path) -> Path:
    """Every worker that runs has left a file in it."""
    return tmp_path


@pytest.fixture
def blocked_signals() -> Iterator[None]:
    """As the command has them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.fixture
def run(started: Path, blocked_signals: None) -> Iterator[Callable[[str], Processes]]:
    """Makes a driver whose workers run a program."""
    made: list[Processes] = []

    def driver(program: str) -> Processes:
        def command(size: Size) -> list[str]:
            return [sys.executable, "-S", "-c", program, str(started)]

        made.append(Processes(command))
        return made[-1]

    yield driver
    for one in made:
        one.close()


def until(reached: Callable[[], bool], driver: Processes) -> None:
    deadline = time.monotonic() + ENOUGH
    while not reached():
        assert time.monotonic() < deadline
        driver.tend()
        time.sleep(0.02)


def exits(code: int) -> str:
    return f"import sys; sys.exit({code})"


def count(folder: Path) -> int:
    return len(list(folder.iterdir()))


def test_as_many_workers_run_as_are_wanted(run: Callable[[str], Processes], started: Path) -> None:
    driver = run(WORKER)
    driver.scale(size(), 2)
    until(lambda: count(started) == 2, driver)
    assert driver.workers(size().pool) == 2


def test_fewer_workers_are_drained_without_a_wait(
    run: Callable[[str], Processes], started: Path
) -> None:
    driver = run(WORKER)
    driver.scale(size(), 2)
    until(lambda: count(started) == 2, driver)
    driver.scale(size(), 1)
    assert driver.workers(size().pool) == 1
    (leaving,) = [one.process for one in driver.leaving]
    assert leaving.poll() is None  # It finishes what it runs.
    until(lambda: not driver.leaving, driver)
    assert leaving.returncode == 0


def test_a_worker_that_dies_is_started_again_after_a_pause(
    run: Callable[[str], Processes], started: Path
) -> None:
    driver = run(WORKER)
    driver.scale(size(), 1)
    until(lambda: count(started) == 1, driver)
    (place,) = driver.places[size().pool.name]
    assert place.process
    place.process.kill()
    until(lambda: place.process is None, driver)
    assert place.start_at > time.monotonic()
    until(lambda: count(started) == 2, driver)


def test_a_misconfigured_worker_is_left_alone(run: Callable[[str], Processes]) -> None:
    driver = run(exits(MISCONFIGURED))
    driver.scale(size(), 1)
    (place,) = driver.places[size().pool.name]
    until(lambda: place.process is None, driver)
    assert place.start_at - time.monotonic() > 290


def test_a_worker_that_cannot_be_started_is_tried_again_and_harms_no_other(
    run: Callable[[str], Processes], started: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = run(WORKER)
    driver.scale(size(), 1)
    until(lambda: count(started) == 1, driver)
    with monkeypatch.context() as broken:
        broken.setattr(driver, "_command", lambda size: ["/no/such/program"])
        driver.scale(size(), 2)
    sound, put_off = driver.places[size().pool.name]
    assert (put_off.process, put_off.deaths) == (None, 1)
    until(lambda: count(started) == 2, driver)
    assert sound.process
    assert sound.process.poll() is None


def test_one_that_is_dead_goes_before_one_that_works(
    run: Callable[[str], Processes], started: Path
) -> None:
    driver = run(f"import sys, os\nif os.listdir(sys.argv[1]): sys.exit({UNREACHABLE})\n{WORKER}")
    driver.scale(size(), 1)
    until(lambda: count(started) == 1, driver)
    driver.scale(size(), 2)
    until(lambda: any(p.process is None for p in driver.places[size().pool.name]), driver)
    driver.scale(size(), 1)
    assert not driver.leaving
    assert driver.places[size().pool.name][0].process


def test_a_worker_that_never_ends_is_killed_after_its_time(
    run: Callable[[str], Processes], started: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = run(DEAF)
    driver.scale(size(), 1)
    until(lambda: count(started) == 1, driver)
    monkeypatch.setattr(processes, "DRAIN_WITHIN", 0.1)
    driver.scale(size(), 0)
    (leaving,) = [one.process for one in driver.leaving]
    until(lambda: not driver.leaving, driver)
    assert leaving.returncode == -signal.SIGKILL


def test_the_end_of_the_autoscaler_drains_all(
    run: Callable[[str], Processes], started: Path
) -> None:
    driver = run(WORKER)
    driver.scale(size(), 2)
    until(lambda: count(started) == 2, driver)
    all_ = [place.process for place in driver.places[size().pool.name]]
    driver.close()
    assert [one.returncode for one in all_ if one] == [0, 0]


def test_a_killed_autoscaler_leaves_no_worker_behind(started: Path) -> None:
    ending = started / "ended"
    worker = WORKER.replace("sys.exit(0)", f"pathlib.Path({str(ending)!r}).touch(); sys.exit(0)")
    command = [sys.executable, "-S", "-c", worker, str(started)]
    program = (
        "import time; from tests.mangaassist.scaling.loads import size;"
        " from mangaassist.scaling.processes import Processes;"
        f" Processes(lambda size: {command!r}).scale(size(), 1); time.sleep({ENOUGH})"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) as autoscaler:
        deadline = time.monotonic() + ENOUGH
        while not count(started):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        autoscaler.kill()
    while not ending.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_pauses_grow_to_a_minute_and_are_long_for_what_somebody_must_repair() -> None:
    assert [pause_after(1, deaths) for deaths in (1, 2, 3, 7, 999)] == [1, 2, 4, 60, 60]
    assert pause_after(UNREACHABLE, 1) == 1
    assert pause_after(MISCONFIGURED, 1) == 300
