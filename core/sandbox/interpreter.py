"""The Python that bubblewrap and the host give to a worker: the base of ours, without our packages."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from core.errors import SandboxError
from core.types import Remedy


@dataclass(frozen=True, slots=True)
class BasePython:
    """``executable`` and the ``prefix`` under which its library is; both absolute and resolved."""

    executable: Path
    prefix: Path


def base_python() -> BasePython:
    """Greenbar's base interpreter; in a packaged program, the ``python3`` on the path.

    Raises SandboxError where there is none.
    """
    if not getattr(sys, "frozen", False):
        executable = getattr(sys, "_base_executable", None) or sys.executable
        return BasePython(Path(executable).resolve(), Path(sys.base_prefix).resolve())
    found = which("python3")
    if found is None:
        raise SandboxError(
            "sandbox.python_missing",
            "Python is not installed.",
            (Remedy("Install Python", shell="sudo apt install python3"),),
        )
    code = "import sys; print(getattr(sys, '_base_executable', sys.executable)); print(sys.base_prefix)"
    asked = subprocess.run([found, "-I", "-c", code], capture_output=True, text=True, check=False)
    lines = asked.stdout.splitlines()
    if asked.returncode or len(lines) != 2:
        raise SandboxError(
            "sandbox.python_broken", f"{found} does not work.", details=asked.stderr[-4000:]
        )
    return BasePython(Path(lines[0]).resolve(), Path(lines[1]).resolve())
