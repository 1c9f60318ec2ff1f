"""What this machine can give to a model: threads and memory. Linux is read closely, others roughly."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_CPU: Final = Path("/sys/devices/system/cpu")
_CGROUP: Final = Path("/sys/fs/cgroup")


def inference_threads() -> int:
    """Physical cores that this process may use, less one, which the tests that run beside need.

    llama.cpp's threads wait for each other in a busy loop, so that one of them without a core stops
    them all. Measured on two cores with one other busy process: 2 threads write 2 to 11 tokens a
    second, 1 thread 14 to 22; on an idle machine 30 and 17.
    """
    return max(1, physical_cores() - 1)


def physical_cores() -> int:
    """Cores, not hardware threads: two threads on one core slow llama.cpp down."""
    if sys.platform != "linux":
        logical = os.cpu_count() or 1
        return logical if sys.platform == "darwin" else max(1, logical // 2)
    cores = {_siblings(number) for number in os.sched_getaffinity(0)}
    return max(1, min(len(cores), _cpu_quota() or len(cores)))


def is_busy() -> bool:
    """Whether other programs want more than half of the processor; False where this cannot be told."""
    try:
        return os.getloadavg()[0] > 0.5 * (os.cpu_count() or 1)
    except (AttributeError, OSError):
        return False


def available_memory() -> int | None:
    """Bytes that can be had without swapping, or ``None`` where this cannot be told."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return None
    fields = {name: value for name, _, value in (line.partition(":") for line in lines)}
    if "MemAvailable" not in fields:
        return None
    free = int(fields["MemAvailable"].split()[0]) * 1024
    limit, used = _cgroup_number("memory.max"), _cgroup_number("memory.current")
    if limit is not None and used is not None:
        free = min(free, max(0, limit - used))
    return free


def _siblings(number: int) -> str:
    try:
        return (_CPU / f"cpu{number}/topology/core_cpus_list").read_text("ascii").strip()
    except OSError:
        return str(number)


def _cpu_quota() -> int | None:
    try:
        quota, period = (_CGROUP / "cpu.max").read_text("ascii").split()
    except (OSError, ValueError):
        return None
    return None if quota == "max" else max(1, int(quota) // int(period))


def _cgroup_number(name: str) -> int | None:
    try:
        text = (_CGROUP / name).read_text("ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
