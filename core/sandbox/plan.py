"""What a repository's tests need to be installed, as far as its files say so. Pure over a folder.

Looked for in this order: what the user said, the repository's own settings, uv's lock, the project's
metadata with extras and dependency groups, the tables of Poetry, PDM and Hatch, requirement files,
Pipfile, and last tox. Other lock files pin the versions of what was found.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.repo.settings import SetUpSettings, read_settings
from core.sandbox.base import SetUpPlan
from core.sandbox.sources import locks, pythons, requirements, tools
from core.sandbox.sources.found import Found
from core.sandbox.sources.pyproject import (
    Project,
    extras_for_tests,
    extras_of,
    groups_for_tests,
    groups_of,
    read_project,
)
from core.sandbox.sources.reading import strings, table
from core.sandbox.sources.tox import tox_for_tests

RECIPE: Final = 3
"""Counted up when the same plan would be installed differently."""

_PROJECT_FILES: Final = ("pyproject.toml", "setup.cfg", "setup.py", "PKG-INFO", "hatch.toml")
_COMPILED: Final = (
    *(".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".pyx", ".pxd", ".pxi", ".rs"),
    *(".f", ".f90", ".f95", ".go", ".cmake", ".build"),
)
"""What compiled parts are made of."""
_COMPILED_NAMES: Final = ("CMakeLists.txt", "Cargo.toml", "Cargo.lock")
_MANIFESTS: Final = (".toml", ".txt", ".cfg", ".ini", ".json", ".lock", ".yaml", ".yml", ".mod", ".sum")
"""Files at the top that a set-up command may read."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user's own folder says beyond its files in the private copy."""

    python: str = ""
    """Minor version of the virtual environment that the user has there."""
    version: str = ""
    """The project's version by its newest tag."""


def find_plan(
    root: Path,
    said: SetUpSettings | None = None,
    hints: Hints = Hints(),
    *,
    wide: bool = False,
) -> SetUpPlan:
    """The plan for the repository (or private copy) at ``root``; ``said`` is the user's own word, and
    ``wide`` asks for what is for development beside what is for tests.

    Empty where nothing asks for an installation. Files that cannot be read or parsed count as
    absent: the tests will tell. Raises UsageError for wrong settings of the repository.
    """
    settings = said or read_settings(root).setup
    project = read_project(root)
    installed = project.buildable if settings.editable is None else settings.editable
    python, why = _wanted_python(root, settings, hints)
    if settings.names_packages:
        found = _as_said(root, settings, project)
    else:
        found = _for_tests(root, project, python, wide=wide)
        if not found.export and not installed:
            found = _for_the_project(root, project) + found
    if not found.export and (found or installed):
        found = locks.pinned(root) + found
    plan = SetUpPlan(
        requirement_files=found.files,
        packages=found.packages,
        editable_extras=found.extras if installed else None,
        commands=settings.commands or (),
        python=python,
        python_range=project.python_range,
        constraints=found.constraints,
        export=found.export,
        version=hints.version,
        notes=found.notes + why,
    )
    if plan.is_empty and not plan.asks_for_python:
        return SetUpPlan()
    plan = replace(plan, source=_source(plan, found))
    return replace(plan, digest=_digest(root, plan, found.inputs))


def with_commands(
    plan: SetUpPlan, root: Path, commands: tuple[str, ...], inputs: Iterable[str], source: str
) -> SetUpPlan:
    """``plan`` and, after it, another language's own commands, whose outcome depends on the files
    ``inputs``; the commands of the user or of the repository's settings stay as they are."""
    if plan.commands or not commands:
        return plan
    both = replace(plan, commands=commands, source=", ".join(filter(None, (plan.source, source))))
    digest = hashlib.sha256(f"{RECIPE} {plan.digest} {commands!r}".encode())
    _hash_files(digest, root, inputs)
    return replace(both, digest=digest.hexdigest())


def _as_said(root: Path, settings: SetUpSettings, project: Project) -> Found:
    groups, extras = settings.groups or (), settings.extras or ()
    files = settings.requirements or ()
    found = Found(files=files, packages=settings.packages or (), source=files)
    if settings.groups is not None and (locked := locks.uv_lock(root, project, groups, extras)):
        return found + locked
    return found + groups_of(project, groups) + extras_of(project, extras)


def _for_tests(root: Path, project: Project, python: str, *, wide: bool) -> Found:
    """What the tests need beyond the project, from the best source that says so."""
    if found := locks.uv_lock(root, project, wide=wide):
        return found
    found = extras_for_tests(project, wide=wide) + groups_for_tests(project, wide=wide)
    found += tools.poetry_for_tests(project, wide=wide) + tools.pdm_for_tests(project, wide=wide)
    return (
        found
        or tools.hatch_for_tests(root, project)
        or requirements.for_tests(root, wide=wide)
        or tools.pipfile_for_tests(root)
        or Found(packages=project.tests_require, source=("tests_require",) * bool(project.tests_require))
        or tox_for_tests(root, project, python)
        or requirements.for_the_project(root)
    )


def _for_the_project(root: Path, project: Project) -> Found:
    """What a project needs that is not installed itself."""
    if project.dependencies:
        return Found(packages=project.dependencies, source=("the project's dependencies",))
    return (
        tools.poetry_for_the_project(project)
        or requirements.for_the_project(root)
        or tools.pipfile_for_the_project(root)
    )


def _wanted_python(root: Path, settings: SetUpSettings, hints: Hints) -> tuple[str, tuple[str, ...]]:
    """The wanted minor version, and a sentence where it is the user's own environment that says so."""
    if version := (
        pythons.minor_of(settings.python)
        or pythons.python_version_file(root)
        or pythons.minor_of(tools.pipfile_python(root))
    ):
        return version, ()
    if hints.python:
        return hints.python, (
            f"Python {hints.python}, as in your own environment, which stays as it is.",
        )
    return "", ()


def _source(plan: SetUpPlan, found: Found) -> str:
    parts = [*found.source]
    if found.packages and not found.source:
        parts.append(f"{len(plan.packages)} packages" if len(plan.packages) > 1 else plan.packages[0])
    if plan.editable_extras is not None:
        parts.append("the project itself")
    if plan.commands:
        parts.append(f"{len(plan.commands)} commands" if len(plan.commands) > 1 else plan.commands[0])
    if not parts:
        parts += [f"Python {minor}" for minor in pythons.wanted_minors(plan)[:1]]
    return ", ".join(parts)


def _digest(root: Path, plan: SetUpPlan, inputs: tuple[str, ...]) -> str:
    digest = hashlib.sha256(repr((RECIPE, plan)).encode())
    files = [*plan.requirement_files, *inputs]
    if plan.editable_extras is not None:
        files += [*_PROJECT_FILES, *_dynamic_files(root), *_sources_of_compiled_parts(root)]
    if plan.commands:
        files += sorted(path.name for path in root.iterdir() if path.suffix in _MANIFESTS)
    _hash_files(digest, root, files)
    return digest.hexdigest()


def _hash_files(digest: hashlib._Hash, root: Path, names: Iterable[str]) -> None:
    for name in requirements.with_included(root, names):
        digest.update(f"\n{name}\n".encode("utf-8", "surrogateescape") + (root / name).read_bytes())


def _dynamic_files(root: Path) -> list[str]:
    """Files that setuptools reads requirements from."""
    dynamic = table(read_project(root).pyproject, "tool", "setuptools", "dynamic")
    tables = [*dynamic.values(), *table(dynamic, "optional-dependencies").values()]
    found: list[str] = []
    for entry in tables:
        value = table(entry).get("file")
        found += [value] if isinstance(value, str) else strings(value)
    return found


def _sources_of_compiled_parts(root: Path) -> list[str]:
    return sorted(
        (Path(folder) / name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith(_COMPILED) or name in _COMPILED_NAMES
    )
