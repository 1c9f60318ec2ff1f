"""Which Python a repository wants, and which of several fits it best. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from core.sandbox.base import SetUpPlan

_MINOR = re.compile(r"(?:cpython-?|python-?)?(3\.\d+)(?:\.\d+\w*)?\+?")
LOWEST_MINOR = 8
"""The lowest that the worker runs on."""
HIGHEST_MINOR = 30
"""No interpreter has a higher one, so a range need not be tried beyond."""
ESTABLISHED_MINOR = 13
"""The newest for which packages with compiled parts are generally built."""


def python_version_file(root: Path) -> str:
    """The minor version in ``.python-version``, whose first line counts; empty without one."""
    try:
        words = (root / ".python-version").read_text("utf-8").split()
    except (OSError, UnicodeDecodeError):
        return ""
    return minor_of(words[0]) if words else ""


def environment_python(root: Path) -> str:
    """The minor version of a virtual environment in the user's own folder; empty without one."""
    for name in (".venv", "venv", "env"):
        try:
            text = (root / name / "pyvenv.cfg").read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if found := re.search(r"^version(?:_info)?\s*=\s*(\S+)", text, re.MULTILINE):
            return minor_of(found[1])
    return ""


def minor_of(version: str) -> str:
    """``3.11`` of ``3.11.4`` or ``cpython-3.11``; empty for another implementation."""
    found = _MINOR.fullmatch(version.strip())
    return found[1] if found else ""


def in_range(version: str, wanted: str) -> bool:
    """Whether a version (``3.11`` or ``3.11.4``) is in the range (PEP 440); a broken range holds all."""
    try:
        return SpecifierSet(wanted).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True


def minors_in(wanted: str) -> tuple[str, ...]:
    """Every minor version of Python 3 of which some release is in the range."""
    return tuple(
        f"3.{minor}"
        for minor in range(HIGHEST_MINOR)
        if any(in_range(f"3.{minor}.{patch}", wanted) for patch in (0, 99))
    )


def runs_here(minor: str) -> bool:
    """Whether the worker runs on this minor version."""
    return int(minor.removeprefix("3.")) >= LOWEST_MINOR


def wanted_minors(plan: SetUpPlan) -> tuple[str, ...]:
    """The minor versions that would do, best first; empty where any does."""
    if plan.python:
        return (plan.python,)
    found = sorted(minors_in(plan.python_range), key=_by_age) if plan.python_range else []
    return tuple(filter(runs_here, found)) or tuple(found[:1])


def missing_sentence(plan: SetUpPlan) -> str:
    """Why the Python that ``plan`` asks for does not run its tests, where none was installed."""
    wanted = wanted_minors(plan)[0]
    if not runs_here(wanted):
        return (
            f"The project asks for Python {wanted}, which is too old for Greenbar; another one is used."
        )
    return f"The project asks for Python {wanted}; another one is used until you set the project up."


def _by_age(minor: str) -> tuple[bool, int]:
    """Established versions first, newest of them first; those to come last, oldest of them first."""
    number = int(minor.split(".")[1])
    return (number > ESTABLISHED_MINOR, number if number > ESTABLISHED_MINOR else -number)


def best(available: Iterable[str], default: str, python: str, wanted: str) -> str:
    """The version to take out of ``available`` (all with three numbers); empty where none fits.

    The one that is asked for; else ``default`` where it is in the range; else the newest that is.
    """
    fitting = [version for version in available if in_range(version, wanted)]
    if python:
        exact = [version for version in available if minor_of(version) == python]
        return default if default in exact else max(exact, key=Version, default="")
    return default if default in fitting else max(fitting, key=Version, default="")
