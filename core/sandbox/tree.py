"""Process trees as /proc shows them: who descends from whom, what they hold, how to end them all.

Where there is no /proc (macOS) a tree is its root only, and the process group has to do.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def descendants(root: int) -> list[int]:
    """``root`` and everything below it, parents before children; empty when ``root`` is gone."""
    parents: dict[int, list[int]] = {}
    for pid in _all_pids():
        parent = _parent(pid)
        if parent is not None:
            parents.setdefault(parent, []).append(pid)
    if not exists(root):
        return []
    found = [root]
    for pid in found:
        found.extend(parents.get(pid, ()))
    return found


def marked(mark: bytes) -> list[int]:
    """Processes with ``mark`` (``NAME=value``) in the environment they were started with."""
    found = []
    for pid in _all_pids():
        with contextlib.suppress(OSError):
            if mark in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.append(pid)
    return found


def resident_bytes(pids: Iterable[int], limit: int) -> int:
    """Memory that ``pids`` hold together.

    Resident sizes count a page once for each process that shares it; only where their sum passes
    ``limit`` are the proportional sizes asked for, which cost the kernel more.
    """
    pids = list(pids)
    total = sum(_resident(pid) for pid in pids)
    if total <= limit:
        return total
    return sum(_proportional(pid) for pid in pids)


def kill_all(pids: Iterable[int]) -> bool:
    """SIGKILL each; True where at least one was still alive."""
    hit = False
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
            hit = True
    return hit


def children(pid: int) -> list[int]:
    """Direct children."""
    return [child for child in _all_pids() if _parent(child) == pid]


def started(pid: int) -> str:
    """When a process began, in ticks since the machine did (proc(5), stat); empty where unknown."""
    fields = _stat(pid)
    return "" if fields is None else fields[19].decode()


def _all_pids() -> list[int]:
    try:
        return [int(name) for name in os.listdir(_PROC) if name.isdigit()]  # noqa: PTH208
    except OSError:
        return []


def exists(pid: int) -> bool:
    """Whether there is such a process, be it another user's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _stat(pid: int) -> list[bytes] | None:
    try:
        text = (_PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    return text[text.rindex(b")") + 2 :].split()  # the name in brackets may hold anything


def _parent(pid: int) -> int | None:
    """Parent of a live process; zombies count as gone."""
    fields = _stat(pid)
    return None if fields is None or fields[0] in (b"Z", b"X") else int(fields[1])


def _resident(pid: int) -> int:
    fields = _stat(pid)
    return 0 if fields is None else int(fields[21]) * _PAGE


def _proportional(pid: int) -> int:
    try:
        text = (_PROC / str(pid) / "smaps_rollup").read_bytes()
    except OSError:
        return _resident(pid)
    for line in text.splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    return 0
