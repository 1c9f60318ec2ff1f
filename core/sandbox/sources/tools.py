"""What Poetry, PDM, Hatch and Pipenv say in tables of their own."""

from __future__ import annotations

import re
from pathlib import Path

from core.sandbox.sources.found import Found
from core.sandbox.sources.pyproject import Project, extras_of, groups_of
from core.sandbox.sources.reading import choose, lists, strings, table, text, toml
from core.sandbox.sources.specifiers import dependency

_HATCH_ENVIRONMENTS = ("hatch-test", "test", "tests", "testing", "dev", "default")
_HATCH_TEST = ("pytest", "pytest-mock")
"""What Hatch's built-in test environment brings, without what only changes order and speed."""


def poetry_for_tests(project: Project, *, wide: bool) -> Found:
    """The groups for tests (or the older table of development dependencies)."""
    poetry = table(project.pyproject, "tool", "poetry")
    groups = {name: table(group, "dependencies") for name, group in table(poetry.get("group")).items()}
    groups.setdefault("dev", {}).update(table(poetry.get("dev-dependencies")))
    found = Found()
    for name in choose({name: entries for name, entries in groups.items() if entries}, wide=wide):
        found += _dependencies(groups[name], Found(source=(f"Poetry's group {name}",)))
    return found


def poetry_for_the_project(project: Project) -> Found:
    """What the project itself needs, where Poetry does not build it."""
    entries = table(project.pyproject, "tool", "poetry", "dependencies")
    wanted = {name: spec for name, spec in entries.items() if name != "python" and not _optional(spec)}
    return _dependencies(wanted, Found(source=("Poetry's dependencies",))) if wanted else Found()


def pdm_for_tests(project: Project, *, wide: bool) -> Found:
    groups = lists(table(project.pyproject, "tool", "pdm", "dev-dependencies"))
    found = Found()
    for name in choose(groups, wide=wide):
        found += Found(source=(f"PDM's group {name}",))
        for entry in groups[name]:
            # ``-e file:///${PROJECT_ROOT}/sub#egg=name``
            place = re.fullmatch(r"-e\s+file:///\$\{PROJECT_ROOT\}/([^#]+)(#.*)?", entry)
            found += Found(packages=(f"-e ./{place[1]}" if place else entry,))
    return found


def hatch_for_tests(root: Path, project: Project) -> Found:
    """The first of Hatch's environments that is for tests and says what it needs."""
    inside = table(project.pyproject, "tool", "hatch", "envs")
    environments = {**inside, **table(toml(root / "hatch.toml"), "envs")}
    for name in _HATCH_ENVIRONMENTS:
        environment = table(environments, name)
        packages = strings(environment.get("dependencies"))
        if not packages and name == "hatch-test" and environment:
            packages = list(_HATCH_TEST)
        packages += strings(environment.get("extra-dependencies"))
        found = Found(packages=tuple(packages), inputs=("hatch.toml",))
        found += extras_of(project, tuple(strings(environment.get("features"))))
        found += groups_of(project, tuple(strings(environment.get("dependency-groups"))))
        if found:
            return found + Found(source=(f"Hatch's environment {name}",))
    return Found()


def pipfile_for_tests(root: Path) -> Found:
    return _pipfile(root, "dev-packages")


def pipfile_for_the_project(root: Path) -> Found:
    return _pipfile(root, "packages")


def pipfile_python(root: Path) -> str:
    """The Python version that the Pipfile asks for, or empty."""
    requires = table(toml(root / "Pipfile"), "requires")
    return text(requires.get("python_version")) or text(requires.get("python_full_version"))


def _pipfile(root: Path, section: str) -> Found:
    entries = table(toml(root / "Pipfile"), section)
    found = Found(source=("Pipfile",), inputs=("Pipfile",))
    # The project itself is installed in any case.
    wanted = {name: spec for name, spec in entries.items() if table(spec).get("path") != "."}
    return _dependencies(wanted, found) if wanted else Found()


def _dependencies(entries: dict[str, object], found: Found) -> Found:
    source = found.source[0]
    for name, spec in entries.items():
        found += dependency(name, spec, source)
    return found


def _optional(spec: object) -> bool:
    return table(spec).get("optional") is True
