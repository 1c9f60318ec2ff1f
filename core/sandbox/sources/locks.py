"""Lock files, as what holds the versions that the other sources leave open.

uv's lock is exported by uv itself. Of the others the pinned versions are taken as constraints: which
packages are needed is said by the ranges, and a stale lock can be left out as a whole.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.sandbox.sources.found import Found
from core.sandbox.sources.pyproject import Project
from core.sandbox.sources.reading import choose, normal, table, text, toml


def uv_lock(
    root: Path,
    project: Project,
    groups: tuple[str, ...] | None = None,
    extras: tuple[str, ...] | None = None,
    *,
    wide: bool = False,
) -> Found:
    """All that uv's lock says for tests (or for these groups and extras), the project's own
    dependencies included."""
    if not (root / "uv.lock").is_file() or not project.pyproject:
        return Found()
    tool = table(project.pyproject, "tool", "uv")
    if groups is None:
        # ``dev-dependencies`` is what uv called its group before there was a standard.
        old: dict[str, object] = {"dev": []} if "dev-dependencies" in tool else {}
        groups = choose({**old, **(project.groups or {})}, wide=wide)
        extras = choose(project.optional or {}, wide=wide)
    options = ["--frozen", "--no-header", "--no-annotate", "--no-default-groups"]
    options += ["--all-packages"] if "workspace" in tool else []
    if table(project.pyproject, "project"):
        options += ["--no-emit-project"]
    source = ["uv.lock"]
    for name in groups:
        options += ["--group", name]
        source.append(f"group {name}")
    for name in extras or ():
        options += ["--extra", name]
        source.append(f"extra {name}")
    return Found(export=tuple(options), source=tuple(source), inputs=("uv.lock", "uv.toml"))


def pinned(root: Path) -> Found:
    """The pinned versions of the first lock that there is; empty without one."""
    for name, read in (
        ("poetry.lock", _of_toml),
        ("pdm.lock", _of_toml),
        ("pylock.toml", _of_pylock),
        ("Pipfile.lock", _of_pipfile),
    ):
        path = root / name
        if path.is_file() and (constraints := tuple(_constraints(read(path)))):
            return Found(constraints=constraints, source=(name,), inputs=(name,))
    return Found()


def _constraints(entries: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Name, version and marker of each package; one of several versions counts only with its marker."""
    known = {(normal(name), version): marker for name, version, marker in entries if version}
    times = Counter(name for name, _ in known)
    for (name, version), marker in known.items():
        if times[name] == 1:
            yield f"{name}=={version}"
        elif marker:
            yield f"{name}=={version} ; {marker}"


def _of_toml(path: Path) -> Iterator[tuple[str, str, str]]:
    """Poetry's and PDM's locks agree in this much. Packages from elsewhere than an index are left to
    the ranges, which say from where."""
    packages = toml(path).get("package")
    for package in packages if isinstance(packages, list) else ():
        elsewhere = {"git", "path", "url"} & set(package)
        if table(package, "source").get("type") in (None, "legacy") and not elsewhere:
            marker = package.get("markers") or package.get("marker")
            if isinstance(marker, dict):  # by group, where they differ
                marker = marker.get("main") or next(iter(marker.values()), "")
            yield text(package.get("name")), text(package.get("version")), text(marker)


def _of_pylock(path: Path) -> Iterator[tuple[str, str, str]]:
    packages = toml(path).get("packages")
    for package in packages if isinstance(packages, list) else ():
        if not {"vcs", "directory", "archive"} & set(package):
            marker = text(package.get("marker"))
            yield text(package.get("name")), text(package.get("version")), marker


def _of_pipfile(path: Path) -> Iterator[tuple[str, str, str]]:
    try:
        lock = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return
    for section in ("default", "develop"):
        for name, package in table(lock, section).items():
            version = text(table(package).get("version"))
            yield name, version.removeprefix("=="), text(table(package).get("markers"))
