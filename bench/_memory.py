"""Memory of a process, read from /proc."""

from __future__ import annotations

from pathlib import Path

PROC = Path("/proc")
RESET_PEAK = "5"  # what the kernel understands


def resident_mb(pid: int) -> float:
    return _mb(pid, "VmRSS")


def peak_mb(pid: int) -> float:
    """The most that was resident since the start, or since `forget_peak`."""
    return _mb(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    (PROC / str(pid) / "clear_refs").write_text(RESET_PEAK)


def _mb(pid: int, name: str) -> float:
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        field, _, value = line.partition(":")
        if field == name:
            return int(value.split()[0]) / 1024
    raise ValueError(f"/proc/{pid}/status has no {name}.")
