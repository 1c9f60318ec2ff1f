"""Poetry's and Pipenv's ways to write a dependency, as standard requirement specifiers (PEP 508).

Caret and tilde as in Poetry's documentation, *Dependency specification*.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from core.sandbox.sources.found import Found
from core.sandbox.sources.reading import strings, text

_VERSION: Final = re.compile(r"^\d+(\.\d+)*")
_ARCHIVES: Final = (".whl", ".gz", ".zip", ".bz2")
_VCS: Final = ("git", "hg", "svn", "bzr")


def dependency(name: str, spec: object, source: str) -> Found:
    """``spec`` is the value of one entry: a version, a table, or a list of tables with markers."""
    if isinstance(spec, list):
        found = Found()
        for entry in spec:
            found += dependency(name, entry, source)
        return found
    if isinstance(spec, str):
        return Found(packages=(f"{name}{standard_range(spec)}",))
    if not isinstance(spec, dict):
        return Found()
    extras = ",".join(strings(spec.get("extras")))
    named = f"{name}[{extras}]" if extras else name
    marker = _marker(spec)
    if path := text(spec.get("path")):
        return Found(packages=(_local(path),))
    if url := text(spec.get("url")) or text(spec.get("file")):
        return Found(packages=(f"{named} @ {url}{marker}",))
    for kind in _VCS:
        if place := text(spec.get(kind)):
            if kind != "git" or not place.startswith("https://"):
                note = f"{source} takes {name} from {place}, which only you can reach; it was left out."
                return Found(notes=(note,))
            at = next((text(spec[key]) for key in ("rev", "tag", "branch", "ref") if key in spec), "")
            return Found(packages=(f"{named} @ git+{place}{f'@{at}' if at else ''}{marker}",))
    return Found(packages=(f"{named}{standard_range(text(spec.get('version')) or '*')}{marker}",))


def standard_range(spec: str) -> str:
    """``^3.8`` as ``>=3.8,<4``; several, with ``||`` between, as their outer bounds; ``*`` as empty."""
    ways = [way.strip() for way in spec.split("||")]
    if len(ways) > 1:
        # There is no "or" in a specifier. The lowest of the lower bounds is what can be said.
        lower = [part for part in standard_range(ways[0]).split(",") if part.startswith((">", "=="))]
        return lower[0].replace("==", ">=").removesuffix(".*") if lower else ""
    parts = [part for part in re.split(r"\s*,\s*|(?<=[\d*])\s+(?=[<>=!~^])", spec.strip()) if part]
    return ",".join(filter(None, map(_one, parts)))


def _local(path: str) -> str:
    """A folder is installed editable: its code may be what the tests are about."""
    place = path if path.startswith((".", "/")) else f"./{path}"
    return place if place.endswith(_ARCHIVES) else f"-e {place}"


def _one(part: str) -> str:
    part = re.sub(r"\s+", "", part)
    if part in ("*", ""):
        return ""
    if part.startswith("^"):
        return _between(part[1:], _caret)
    if part.startswith("~") and not part.startswith("~="):
        return _between(part[1:], _tilde)
    if part.startswith(("<", ">", "!=", "~=", "==")):
        return part
    return f"=={part.removeprefix('=')}"


def _between(version: str, upper: Callable[[list[int]], list[int]]) -> str:
    found = _VERSION.match(version)
    if found is None:
        return ""
    numbers = [int(number) for number in found[0].split(".")]
    return f">={version},<{'.'.join(map(str, upper(numbers)))}"


def _caret(numbers: list[int]) -> list[int]:
    """The leftmost number that is not zero may not grow."""
    place = next((n for n, number in enumerate(numbers) if number), len(numbers) - 1)
    return [*numbers[:place], numbers[place] + 1]


def _tilde(numbers: list[int]) -> list[int]:
    return [numbers[0] + 1] if len(numbers) == 1 else [numbers[0], numbers[1] + 1]


def _marker(spec: dict[str, object]) -> str:
    parts = [text(spec.get("markers"))]
    if python := text(spec.get("python")):
        parts += [_python_marker(part) for part in standard_range(python).split(",") if part]
    if platform := text(spec.get("platform")):
        parts.append(f"sys_platform == '{platform}'")
    joined = " and ".join(f"({part})" for part in parts if part)
    return f" ; {joined}" if joined else ""


def _python_marker(part: str) -> str:
    found = re.match(r"(<=|>=|==|!=|~=|<|>)(.+)", part)
    if found is None:
        return ""
    name = (
        "python_version" if found[2].count(".") < 2 or found[2].endswith(".*") else "python_full_version"
    )
    return f"{name} {found[1]} '{found[2]}'"
