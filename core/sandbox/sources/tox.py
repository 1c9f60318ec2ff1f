"""tox's ``deps``: the last place to look, since they are written for one environment among several.

Factors are resolved for one environment: the first of the list for the wanted Python, else the first
for any. Substitutions are followed as far as they lead to other sections.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from core.sandbox.sources.found import Found
from core.sandbox.sources.pyproject import Project, extras_of, groups_of
from core.sandbox.sources.reading import cfg, cfg_text, lines, strings, table, text, toml

_PYTHON = re.compile(r"py\d*|python[\d.]*|3\.\d+")
_MOST_SUBSTITUTIONS = 50
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)[\s=]*(\S+)")
_OWN = re.compile(r"(?:-e\s*)?\.(?:\[([^\]]*)\])?")


def tox_for_tests(root: Path, project: Project, python: str) -> Found:
    """``python`` is the wanted minor version, or empty."""
    config, prefix = _config(root, project)
    if config is not None:
        return _of_ini(root, config, prefix, project, python)
    native = toml(root / "tox.toml") or table(project.pyproject, "tool", "tox")
    base = table(native, "env_run_base") or table(native, "env", "test")
    found = _dependencies(root, strings(base.get("deps")), project)
    found += extras_of(project, tuple(strings(base.get("extras"))))
    found += groups_of(project, tuple(strings(base.get("dependency_groups"))))
    return found + Found(source=("tox",), inputs=("tox.toml",)) if found else Found()


def _config(root: Path, project: Project) -> tuple[configparser.RawConfigParser | None, str]:
    """The parsed settings, and how their first section is called."""
    if (root / "tox.ini").is_file():
        return cfg(root / "tox.ini"), "tox"
    if legacy := text(table(project.pyproject, "tool", "tox").get("legacy_tox_ini")):
        return cfg_text(legacy), "tox"
    config = cfg(root / "setup.cfg")
    return (config, "tox:tox") if config.has_section("tox:tox") else (None, "")


def _of_ini(
    root: Path, config: configparser.RawConfigParser, main: str, project: Project, python: str
) -> Found:
    listed = lines(_get(config, main, "envlist", "env_list"))
    names = (name.strip() for line in listed for name in _split_outside(line) if name.strip())
    environments = [expanded for name in names for expanded in _expanded(name)]
    factors = _factors_of(environments, python)
    section = "testenv"
    deps = _substituted(config, section, _get(config, section, "deps"))
    kept = [entry for line in lines(deps) if (entry := _of_factors(line, factors))]
    found = _dependencies(root, kept, project)
    found += extras_of(project, _words(_get(config, section, "extras")))
    found += groups_of(project, _words(_get(config, section, "dependency_groups")))
    return found + Found(source=("tox",), inputs=("tox.ini",)) if found else Found()


def _get(config: configparser.RawConfigParser, section: str, *keys: str) -> str:
    return next(filter(None, (config.get(section, key, fallback="") for key in keys)), "")


def _words(value: str) -> tuple[str, ...]:
    return tuple(re.split(r"[\s,]+", value.strip())) if value.strip() else ()


def _expanded(name: str) -> Iterator[str]:
    """``py{310,311}-x`` as its two names."""
    parts = re.split(r"\{([^}]*)\}", name)
    choices = [part.split(",") if n % 2 else [part] for n, part in enumerate(parts)]
    for chosen in product(*choices):
        yield "".join(part.strip() for part in chosen)


def _factors_of(environments: list[str], python: str) -> frozenset[str]:
    """The factors of the environment that stands for all."""
    own = f"py{python.replace('.', '')}" if python else ""
    split = [frozenset(name.split("-")) for name in environments]
    wanted = [factors for factors in split if own in factors]
    any_python = [factors for factors in split if any(map(_PYTHON.fullmatch, factors))]
    return next(iter(wanted + any_python), frozenset()) | {own, "py"}


def _of_factors(line: str, factors: frozenset[str]) -> str:
    """The line without its condition, or empty where the condition does not hold."""
    condition = re.match(r"([\w.!{},-]+)\s*:(?!//)\s*(.*)", line)
    if condition is None:
        return line
    alternatives = (way for part in _split_outside(condition[1]) for way in _expanded(part))
    return condition[2] if any(_holds(way, factors) for way in alternatives) else ""


def _split_outside(condition: str) -> list[str]:
    return re.split(r",(?![^{]*\})", condition)


def _holds(condition: str, factors: frozenset[str]) -> bool:
    return all(
        (factor[1:] not in factors) if factor.startswith("!") else (factor in factors)
        for factor in condition.split("-")
    )


def _substituted(config: configparser.RawConfigParser, section: str, value: str) -> str:
    for _ in range(_MOST_SUBSTITUTIONS):
        found = re.search(r"\{(\[[^\]]+\]\w+|toxinidir|tox_root|env:[^}]*|posargs[^}]*|/)\}", value)
        if found is None:
            break
        name = found[1]
        if name.startswith("["):
            other, _, key = name[1:].partition("]")
            new = config.get(other, key, fallback="")
        elif name.startswith("env:"):
            new = name.split(":", 2)[2] if name.count(":") > 1 else ""
        else:
            new = {"toxinidir": ".", "tox_root": ".", "/": "/"}.get(name, "")
        value = value[: found.start()] + new + value[found.end() :]
    return value


def _dependencies(root: Path, entries: list[str], project: Project) -> Found:
    """Requirement lines as pip has them: files, the project itself, specifiers."""
    found = Found()
    for entry in entries:
        include, own = _INCLUDE.fullmatch(entry), _OWN.fullmatch(entry)
        if include:
            name = include[2].removeprefix("./")
            if include[1] in ("-r", "--requirement") and (root / name).is_file():
                found += Found(files=(name,))
        elif own:
            if own[1]:
                found += extras_of(project, _words(own[1]))
        elif not entry.startswith("-") and "{" not in entry:
            found += Found(packages=(entry,))
    return found
