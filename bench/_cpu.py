"""CPU time of processes, read from /proc."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
WORKING = (0, 1, 2, 5, 6)  # user, nice, system, interrupts; not idle or waiting
TICKS = os.sysconf("SC_CLK_TCK")  # per second
PARENT, USER, SYSTEM, USER_OF_DEAD_CHILDREN, SYSTEM_OF_DEAD_CHILDREN = 1, 11, 12, 13, 14


def seconds(pids: Iterable[int]) -> float:
    """User and system time of processes and everything they started, dead children included."""
    fields = {int(entry.name): _fields(entry) for entry in PROC.glob("[0-9]*")}
    tree = _descendants(
        set(pids), {pid: int(found[PARENT]) for pid, found in fields.items() if found}
    )
    times = (USER, SYSTEM, USER_OF_DEAD_CHILDREN, SYSTEM_OF_DEAD_CHILDREN)
    return sum(int(fields[pid][time]) for pid in tree for time in times) / TICKS


def machine_seconds() -> float:
    """Time that all processors together have worked since the start of the machine."""
    times = [int(time) for time in (PROC / "stat").read_text().splitlines()[0].split()[1:]]
    return sum(times[place] for place in WORKING) / TICKS


def _fields(entry: Path) -> list[str]:
    """The fields of /proc/PID/stat after the program's name; none for a process that has ended."""
    try:
        return (entry / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _descendants(pids: set[int], parents: dict[int, int]) -> set[int]:
    found = pids & parents.keys()
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found
