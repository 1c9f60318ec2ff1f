"""The Python of an environment on this computer: the wanted one, where it can be had."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.sandbox import external
from core.sandbox.base import ReportProgress, SetUpPlan
from core.sandbox.interpreter import BasePython
from core.sandbox.set_up_script import with_our_pytest
from core.sandbox.sources.pythons import best, minor_of, runs_here, wanted_minors

_FETCH_SECONDS = 300
_ASK = """
import sys
if sys.implementation.name == "cpython":
    print("%d.%d.%d" % sys.version_info[:3])
    print(sys.base_prefix)
"""


async def choose_python(
    plan: SetUpPlan,
    default: BasePython,
    folder: Path,
    uv: Path,
    env: Mapping[str, str],
    progress: ReportProgress,
) -> tuple[BasePython, str]:
    """The interpreter for ``plan``, and a sentence where it is not the wanted one.

    ``default`` where it will do; else another one of this computer; else one that uv fetches into
    ``folder`` with the network settings of ``env``.
    """
    wanted = wanted_minors(plan)
    own = await asyncio.to_thread(_ask, default.executable)
    if not wanted or own is None or minor_of(own[0]) in wanted:
        return default, ""
    used = f"{minor_of(own[0])} was used"
    if not runs_here(wanted[0]):
        return default, f"The project asks for Python {wanted[0]}, which is too old for Greenbar; {used}."
    found = await asyncio.to_thread(_installed, folder, wanted)
    if not found:
        progress(f"Fetching Python {wanted[0]}", None)
        fetch = [os.fspath(uv), "python", "install", "--no-bin", "--install-dir", os.fspath(folder)]
        settings = {**env, "UV_PYTHON_DOWNLOADS": "manual", "UV_HTTP_RETRIES": "1"}
        await external.run([*fetch, wanted[0]], env=settings, seconds=_FETCH_SECONDS)
        found = await asyncio.to_thread(_installed, folder, wanted)
    chosen = best(found, "", plan.python, plan.python_range)
    if chosen:
        return found[chosen], ""
    return default, (
        f"The project asks for Python {wanted[0]}, which is not on this computer and could not be "
        f"fetched; {used}."
    )


def find_python(plan: SetUpPlan, default: BasePython, folder: Path) -> tuple[str, BasePython] | None:
    """Minor version and place of the interpreter for ``plan`` without installing anything, not even a
    pytest: ``default`` where it will do, else one of this computer or of ``folder``. Blocking."""
    own = _ask(default.executable)
    wanted = wanted_minors(plan)
    if not wanted or own is None or minor_of(own[0]) in wanted:
        return "", default
    found = _installed(folder, with_our_pytest(wanted))
    chosen = best(found, "", plan.python, plan.python_range)
    return (minor_of(chosen), found[chosen]) if chosen else None


def python_of(environment: Path) -> BasePython:
    """The interpreter that a virtual environment was made with."""
    executable = (environment / "bin" / "python").resolve()
    return BasePython(executable, executable.parent.parent)


def _installed(folder: Path, wanted: tuple[str, ...]) -> dict[str, BasePython]:
    """By full version: the interpreters of the wanted minor versions, the path's own first."""
    found: dict[str, BasePython] = {}
    for candidate in _candidates(folder, wanted):
        answer = _ask(candidate)
        if answer is not None and minor_of(answer[0]) in wanted:
            found.setdefault(*answer)
    return found


def _candidates(folder: Path, wanted: tuple[str, ...]) -> Iterator[Path]:
    seen: set[Path] = set()
    home = Path.home()
    managed = os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local" / "share" / "uv" / "python"
    pyenv = os.environ.get("PYENV_ROOT") or home / ".pyenv"
    for minor in wanted:
        places = [Path(place) / f"python{minor}" for place in os.get_exec_path()]
        places += [Path("/usr/bin") / f"python{minor}", Path("/usr/local/bin") / f"python{minor}"]
        for store in (folder, Path(managed), Path(pyenv) / "versions"):
            places += sorted(store.glob(f"*/bin/python{minor}"))
        for place in places:
            real = place.resolve()
            if place.is_file() and real not in seen and "shims" not in real.parts:
                seen.add(real)
                yield real


def _ask(executable: Path) -> tuple[str, BasePython] | None:
    """Full version and place; ``None`` where it does not work or is another implementation."""
    command = [os.fspath(executable), "-I", "-S", "-c", _ASK]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = asked.stdout.splitlines()
    if asked.returncode or len(lines) != 2:
        return None
    return lines[0], BasePython(executable.resolve(), Path(lines[1]).resolve())
