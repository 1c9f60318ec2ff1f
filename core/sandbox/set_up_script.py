"""The set-up as a shell script, the same for every sandbox, and how what it prints is read.

The work is done by ``inside/greenbar_set_up.py``; the script carries it along, so that nothing but
``/bin/sh`` and a Python need be there.
"""

from __future__ import annotations

import importlib.metadata
import json
import shlex
from collections import deque
from pathlib import Path

from core.sandbox.base import ReportProgress, SetUpPlan
from core.sandbox.sources.pythons import minors_in, wanted_minors

PYTHONS = "/opt/python"
"""Where a container keeps a Python that was fetched for it."""
_PROGRAM = Path(__file__).parent / "inside" / "greenbar_set_up.py"
_NOTE = "greenbar-note: "
_KEPT_LINES = 60
_END = "GREENBAR-END-OF-TEXT"


def install_script(
    plan: SetUpPlan,
    uv: str,
    python: str,
    base: str,
    work: str,
    target: str,
    *,
    container: bool = False,
) -> str:
    """A POSIX shell script that installs ``plan`` into a new virtual environment at ``target``.

    ``base`` is the private copy, ``work`` the empty folder where the copy lies at run time; all
    are paths as the script sees them. In a ``container`` it may install a compiler, git, and the
    wanted Python; elsewhere ``python`` is that one already.
    """
    job = {
        "base": base,
        "work": work,
        "target": target,
        "uv": uv,
        "python": python,
        "minors": wanted_minors(plan) if container else (),
        "pythons": PYTHONS,
        "may_install_tools": container,
        "pytest_needs": _pytest_needs(),
        "requirement_files": plan.requirement_files,
        "packages": plan.packages,
        "constraints": plan.constraints,
        "export": plan.export,
        "editable_extras": plan.editable_extras,
        "version": plan.version,
        "commands": plan.commands,
    }
    return "\n".join(
        (
            "set -e",
            "room=$(mktemp -d)",
            "trap 'rm -rf \"$room\"' EXIT",
            f"cat > \"$room/job.json\" <<'{_END}'",
            json.dumps(job),
            _END,
            f"cat > \"$room/set_up.py\" <<'{_END}'",
            _PROGRAM.read_text("utf-8"),
            _END,
            f'{shlex.quote(python)} -I "$room/set_up.py" "$room/job.json"',
            "",
        )
    )


class Transcript:
    """What an installer prints: shown as it comes; its notes and its last lines are kept."""

    def __init__(self, progress: ReportProgress) -> None:
        self._progress = progress
        self._tail: deque[str] = deque(maxlen=_KEPT_LINES)
        self.notes: list[str] = []

    def __call__(self, line: str) -> None:
        if line.startswith(_NOTE):
            self.notes.append(line.removeprefix(_NOTE))
            return
        self._tail.append(line)
        self._progress(line, None)

    @property
    def tail(self) -> str:
        return "\n".join(self._tail)


def with_our_pytest(minors: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some minor versions of Python that run our own pytest; the others need one installed."""
    needs = _pytest_needs()
    return tuple(minor for minor in minors if tuple(map(int, minor.split("."))) >= needs)


def _pytest_needs() -> tuple[int, ...]:
    """The lowest minor version of Python that our own pytest runs on."""
    minors = minors_in(importlib.metadata.metadata("pytest")["Requires-Python"])
    return tuple(int(number) for number in minors[0].split(".")) if minors else (3, 8)
