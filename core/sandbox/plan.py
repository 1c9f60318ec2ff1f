"""What a repository's tests need to be installed, as far as its files say so. Pure over a folder.

Test requirements are preferred to development ones: the latter tend to bring formatters and
documentation tools that no test needs.
"""

from __future__ import annotations

import ast
import configparser
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.sandbox.base import SetUpPlan

RECIPE: Final = 2
"""Counted up when the same plan would be installed differently."""

_TEST_NAMES = ("test", "tests", "testing")
_DEV_NAMES = ("dev", "develop", "development")
_PLACES = (
    "requirements-{}.txt",
    "requirements_{}.txt",
    "{}-requirements.txt",
    "{}_requirements.txt",
    "requirements/{}.txt",
)
_TEST_FILES = ("tests/requirements.txt", "test/requirements.txt")
_PLAIN_FILES = ("requirements.txt", "requirements/base.txt")
_PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
_INCLUDED = re.compile(r"^\s*(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)", re.MULTILINE)


def find_plan(root: Path) -> SetUpPlan:
    """The plan for the repository (or private copy) at ``root``.

    Empty where nothing asks for an installation. Files that cannot be read or parsed count as
    absent: the tests will tell.
    """
    project = _toml(root / "pyproject.toml")
    setup_cfg = _cfg(root / "setup.cfg")
    has_setup_py = (root / "setup.py").is_file()
    files = _requirement_files(root)
    packages: list[str] = []
    extras: tuple[str, ...] | None = None
    table = project.get("project")
    if isinstance(table, dict):
        optional = _lists(table.get("optional-dependencies"))
        chosen = _choose(optional)
        if "build-system" in project or has_setup_py or (root / "src").is_dir():
            extras = chosen
        else:
            # Without a build system it is an application: only what it depends on is installed.
            packages += _strings(table.get("dependencies"))
            for name in chosen:
                packages += optional[name]
    elif has_setup_py or "metadata" in setup_cfg or _is_poetry(project):
        extras = _choose({**_setup_py_extras(root / "setup.py"), **_cfg_extras(setup_cfg)})
    packages += _groups(project.get("dependency-groups"))
    plan = SetUpPlan(tuple(files), tuple(dict.fromkeys(packages)), extras)
    if plan.is_empty:
        return plan
    return replace(plan, digest=_digest(root, plan), source=_source(plan))


def _source(plan: SetUpPlan) -> str:
    parts = [*plan.requirement_files]
    if plan.packages:
        parts.append(f"{len(plan.packages)} packages" if len(plan.packages) > 1 else plan.packages[0])
    if plan.editable_extras is not None:
        extras = f" with {', '.join(plan.editable_extras)}" if plan.editable_extras else ""
        parts.append(f"the project itself{extras}")
    return ", ".join(parts)


def _requirement_files(root: Path) -> list[str]:
    def present(names: Iterable[str]) -> list[str]:
        return [name for name in names if (root / name).is_file()]

    def variants(words: Iterable[str]) -> list[str]:
        return [place.format(word) for place in _PLACES for word in words]

    special = present([*variants(_TEST_NAMES), *_TEST_FILES]) or present(variants(_DEV_NAMES))
    return present(_PLAIN_FILES) + special


def _choose(named: Mapping[str, list[str]]) -> tuple[str, ...]:
    """The names that are for tests, else those for development."""
    for words in (_TEST_NAMES, _DEV_NAMES):
        chosen = tuple(name for name in named if name.lower() in words)
        if chosen:
            return chosen
    return ()


def _groups(table: object) -> list[str]:
    """Requirements of the test (or development) dependency groups (PEP 735), includes followed."""
    if not isinstance(table, dict):
        return []
    groups: dict[str, list[object]] = {
        _normal(name): entries for name, entries in table.items() if isinstance(entries, list)
    }

    def expand(name: str, seen: frozenset[str]) -> list[str]:
        found: list[str] = []
        for entry in groups.get(name, ()):
            if isinstance(entry, str):
                found.append(entry)
            elif isinstance(entry, dict) and "include-group" in entry:
                inner = _normal(entry["include-group"])
                found += [] if inner in seen else expand(inner, seen | {inner})
        return found

    chosen = _choose({name: [] for name in groups})
    return [requirement for name in chosen for requirement in expand(name, frozenset({name}))]


def _is_poetry(project: Mapping[str, object]) -> bool:
    tool, build = project.get("tool"), project.get("build-system")
    return isinstance(tool, dict) and "poetry" in tool and isinstance(build, dict)


def _setup_py_extras(path: Path) -> dict[str, list[str]]:
    """``extras_require`` of the ``setup`` call, where it is a literal; the file is not run."""
    try:
        module = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg == "extras_require":
            try:
                return _lists(ast.literal_eval(node.value))
            except ValueError:
                return {}
    return {}


def _cfg_extras(parser: configparser.RawConfigParser) -> dict[str, list[str]]:
    section = "options.extras_require"
    if not parser.has_section(section):
        return {}
    return {name: value.split("\n") for name, value in parser.items(section)}


def _digest(root: Path, plan: SetUpPlan) -> str:
    digest = hashlib.sha256(repr((RECIPE, plan)).encode())
    wanted = list(plan.requirement_files)
    if plan.editable_extras is not None:
        wanted += _PROJECT_FILES
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        path = root / name
        if name in seen or not path.is_file():
            continue
        seen.add(name)
        content = path.read_bytes()
        digest.update(f"\n{name}\n".encode() + content)
        if path.suffix == ".txt":
            parent = Path(name).parent
            included = _INCLUDED.findall(content.decode("utf-8", "replace"))
            wanted += [(parent / other).as_posix() for other in included]
    return digest.hexdigest()


def _toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _cfg(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return configparser.RawConfigParser()
    return parser


def _strings(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _lists(value: object) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        return {}
    return {str(name): _strings(entries) for name, entries in value.items()}


def _normal(name: object) -> str:
    return re.sub(r"[-_.]+", "-", str(name)).lower()
