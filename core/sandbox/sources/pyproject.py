"""The project as its own metadata describe it: pyproject.toml, setup.cfg and setup.py together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.sandbox.sources.found import Found
from core.sandbox.sources.reading import (
    cfg,
    choose,
    lines,
    lists,
    normal,
    setup_call,
    strings,
    table,
    text,
    toml,
)
from core.sandbox.sources.specifiers import standard_range


@dataclass(frozen=True, slots=True)
class Project:
    """What the metadata say, where they say it without running anything."""

    pyproject: dict[str, object]
    name: str = ""
    buildable: bool = False
    """Whether it can be installed; else it is an application that runs from its folder."""
    dependencies: tuple[str, ...] = ()
    optional: dict[str, list[str]] | None = None
    groups: dict[str, object] | None = None
    python_range: str = ""
    tests_require: tuple[str, ...] = ()
    """What setuptools called it before extras were used for that."""


def read_project(root: Path) -> Project:
    """Read the three files of ``root``."""
    pyproject = toml(root / "pyproject.toml")
    declared, poetry = table(pyproject, "project"), table(pyproject, "tool", "poetry")
    config, call = cfg(root / "setup.cfg"), setup_call(root / "setup.py")
    has_setup_py = (root / "setup.py").is_file()

    def of_cfg(section: str, key: str) -> str:
        return config.get(section, key, fallback="")

    extras = "options.extras_require"
    in_cfg = {
        name: lines(value)
        for name, value in (config.items(extras) if config.has_section(extras) else ())
        if not name.startswith(":")
    }
    dynamic = table(pyproject, "tool", "setuptools", "dynamic", "optional-dependencies")
    optional = {
        **lists(call.get("extras_require")),
        **in_cfg,
        **{name: [] for name in dynamic},
        **lists(poetry.get("extras")),
        **lists(declared.get("optional-dependencies")),
    }
    installable = bool(declared or poetry) and "build-system" in pyproject
    return Project(
        pyproject,
        text(declared.get("name"))
        or text(poetry.get("name"))
        or of_cfg("metadata", "name")
        or text(call.get("name")),
        (installable or has_setup_py or config.has_section("metadata")) and not _opted_out(pyproject),
        tuple(strings(declared.get("dependencies")) or lines(of_cfg("options", "install_requires"))),
        optional,
        table(pyproject, "dependency-groups"),
        text(declared.get("requires-python"))
        or standard_range(text(table(poetry, "dependencies").get("python")))
        or of_cfg("options", "python_requires")
        or text(call.get("python_requires")),
        tuple(strings(call.get("tests_require")) or lines(of_cfg("options", "tests_require"))),
    )


def _opted_out(pyproject: dict[str, object]) -> bool:
    """Whether the project says that it is not to be built."""
    tool = table(pyproject, "tool")
    return (
        table(tool, "uv").get("package") is False
        or table(tool, "poetry").get("package-mode") is False
        or table(tool, "pdm").get("distribution") is False
    )


def extras_for_tests(project: Project, *, wide: bool) -> Found:
    """The project's own extras; their requirements, where it cannot be installed."""
    return extras_of(project, choose(project.optional or {}, wide=wide))


def extras_of(project: Project, names: tuple[str, ...]) -> Found:
    """These extras; one that there is not is said."""
    optional = {normal(name): (name, entries) for name, entries in (project.optional or {}).items()}
    found = Found()
    for name in names:
        if normal(name) not in optional:
            found += Found(notes=(f"The project has no extra {name}.",))
            continue
        spelt, entries = optional[normal(name)]
        source = (f"extra {spelt}",)
        if project.buildable:
            found += Found(extras=(spelt,), source=source)
        else:
            found += _own_extras_resolved(project, tuple(entries), Found(source=source))
    return found


def groups_for_tests(project: Project, *, wide: bool) -> Found:
    """Dependency groups (PEP 735) for tests, with what they include."""
    return groups_of(project, choose(project.groups or {}, wide=wide))


def groups_of(project: Project, names: tuple[str, ...]) -> Found:
    """These groups; one that there is not is said."""
    groups = {normal(name): entries for name, entries in (project.groups or {}).items()}

    def expand(name: str, seen: frozenset[str]) -> tuple[str, ...]:
        packages: tuple[str, ...] = ()
        entries = groups.get(name)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, str):
                packages += (entry,)
            elif isinstance(entry, dict) and "include-group" in entry:
                inner = normal(entry["include-group"])
                packages += () if inner in seen else expand(inner, seen | {inner})
        return packages

    found = Found()
    for name in names:
        if normal(name) in groups:
            packages = expand(normal(name), frozenset({normal(name)}))
            found += _own_extras_resolved(project, packages, Found(source=(f"group {name}",)))
        else:
            found += Found(notes=(f"The project has no dependency group {name}.",))
    return found


def _own_extras_resolved(project: Project, packages: tuple[str, ...], found: Found) -> Found:
    """``packages``, with ``name[extra]`` of the project itself as its extras: the index must not be
    asked for the project."""
    for package in packages:
        own = re.match(r"\s*([\w.-]+)\s*\[([^\]]*)\]\s*$", package)
        if own and project.name and normal(own[1]) == normal(project.name):
            names = tuple(name.strip() for name in own[2].split(","))
            if project.buildable:
                found += Found(extras=names)
            else:
                optional = {normal(key): value for key, value in (project.optional or {}).items()}
                for name in names:
                    found += Found(packages=tuple(optional.get(normal(name), ())))
        else:
            found += Found(packages=(package,))
    return found
