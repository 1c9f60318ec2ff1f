"""Small things that all sandboxes say alike: the worker's command and environment, and amounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.sandbox.base import Limits

DEFAULT_LIMITS: Final = Limits()


def worker_command(python: str, base: str, work: str, tools: str) -> list[str]:
    """How the worker is started. Not isolated by ``-I``, which would ignore PYTHONHASHSEED: the
    environment is ours anyway, and the order of sets then is the same in every run."""
    script = f"{tools}/worker.py"
    return [python, "-s", "-B", script, "--base", base, "--work", work, "--tools", tools]


def worker_env(home: str, path: Sequence[str] = ()) -> dict[str, str]:
    """The whole environment of a worker: nothing of the user's, the same on every machine.

    ``path`` comes before the system's folders.
    """
    system = ("/usr/local/bin", "/usr/bin", "/bin")
    return {
        "HOME": home,
        "TMPDIR": home,
        "USER": "user",
        "LOGNAME": "user",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PATH": ":".join((*path, *system)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }


def amount(limits: Limits) -> str:
    """``4 GB, 2 cores, 512 processes``."""
    cores = f"{limits.cpus:g}"
    counted = f"{cores} {'core' if cores == '1' else 'cores'}"
    return f"{limits.memory_bytes / 1024**3:.3g} GB, {counted}, {limits.processes} processes"
