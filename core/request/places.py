"""Which file and function a request is about: by mentions, by names in its words and examples. Pure.

The user's own mentions come first. A name in the words counts where the code defines it; of a name
that no file defines, the file must be told by a mention, by its own name in the words, or by being the
only one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.errors import UsageError
from core.types import RelPath, Remedy

MOST_PLACES: Final = 3
MOST_FILES: Final = 2_000
_DEFINED: Final = re.compile(
    r"^(?P<indent>[ \t]*)(?:async[ \t]+)?(?P<kind>def|class)[ \t]+(?P<name>\w+)", re.M
)
_MENTION: Final = re.compile(r"@(?P<path>[\w./\\-]+\.\w+)(?:::(?P<function>[\w.]+))?")
_NOT_CODE: Final = frozenset({"setup.py", "conftest.py", "noxfile.py", "manage.py", "__main__.py"})
_ROOTS: Final = ("src", "lib", "python")


@dataclass(frozen=True, slots=True)
class Place:
    """``function`` (dotted) of ``path``, empty: the whole file; ``is_missing``: it is to be written."""

    path: RelPath
    function: str = ""
    is_missing: bool = False

    def __str__(self) -> str:
        return f"{self.path}::{self.function}" if self.function else self.path


def definitions(source: str) -> tuple[str, ...]:
    """Names that a file defines at its top level, and methods with their class. By lines, so that files
    which do not parse count, too."""
    found: dict[str, None] = {}
    owner = ""
    for match in _DEFINED.finditer(source):
        if not match["indent"]:
            owner = match["name"] if match["kind"] == "class" else ""
            found[match["name"]] = None
        elif owner and match["kind"] == "def":
            found[f"{owner}.{match['name']}"] = None
    return tuple(found)


def mentions_in(text: str) -> tuple[str, ...]:
    """Files and functions that words point at with an ``@``."""
    return tuple(
        f"{match['path']}::{match['function']}" if match["function"] else match["path"].rstrip(".")
        for match in _MENTION.finditer(text)
    )


def find_places(
    text: str,
    mentions: Sequence[str],
    called: Sequence[str],
    sources: Mapping[RelPath, str],
    is_locked: Callable[[RelPath], bool],
) -> tuple[Place, ...]:
    """The places that a request is about, the surest first.

    ``called`` are the functions of its examples. Raises UsageError where a mention fits no file.
    """
    code = [p for p in sources if not is_locked(p) and PurePosixPath(p).name not in _NOT_CODE][
        :MOST_FILES
    ]
    defined = {path: definitions(sources[path]) for path in code if path in sources}
    pointed = [_pointed(mention, defined, is_locked) for mention in (*mentions, *mentions_in(text))]
    files = list(dict.fromkeys(place.path for place in pointed if place is not None))
    files += [path for path in defined if path not in files and _is_named(path, text)]
    found: dict[Place, None] = dict.fromkeys(p for p in pointed if p is not None and p.function)
    for name in dict.fromkeys(called):
        found |= dict.fromkeys(_known(name, defined, files))
    missing = [n for n in dict.fromkeys(called) if not any(_means(place, n) for place in found)]
    for name in missing:
        if (path := _home(name, files, defined)) is not None:
            found[Place(path, name.rpartition(".")[2], is_missing=True)] = None
    if not found or not called:
        words = _names_in(text)
        for name in words:
            found |= dict.fromkeys(_known(name, defined, files))
        unknown = [n for n in _new_names(text) if not any(_means(place, n) for place in found)]
        for name in unknown[:1]:
            if (path := _home(name, files, defined)) is not None:
                found = {Place(path, name, is_missing=True): None, **found}
    if not found and (files or len(defined) == 1):
        found = {Place((files or list(defined))[0]): None}
    return tuple(found)[:MOST_PLACES]


def nowhere(text: str) -> UsageError:
    """The error for a request that fits no place of the code."""
    return UsageError(
        "request.where",
        "It is not clear which file this is about.",
        (Remedy("Mention the file, as @folder/file.py"),),
        "Name a function as the code has it, or mention its file with an @.",
    )


def module_of(path: RelPath, imported: Collection[str]) -> str:
    """The name that tests import a file by: the longest one that they import already, else the path
    without ``src``. ``imported`` are modules that tests name."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts = parts[:-1] or parts
    names = [".".join(parts[at:]) for at in range(len(parts))]
    for name in names:
        if name in imported:
            return name
    packages = {name.split(".", 1)[0] for name in imported}
    for name in names:
        if name.split(".", 1)[0] in packages:
            return name
    return names[1] if len(names) > 1 and parts[0] in _ROOTS else names[0]


def _pointed(
    mention: str, defined: Mapping[RelPath, Sequence[str]], is_locked: Callable[[RelPath], bool]
) -> Place | None:
    """``None`` for a test, which says what is wanted and not where."""
    path, _, function = mention.replace("\\", "/").removeprefix("./").partition("::")
    fitting = [p for p in defined if p == path or p.endswith(f"/{path}")]
    if not fitting:
        if is_locked(path):
            return None
        raise UsageError(
            "request.mention",
            f"There is no file {path} in this repository that could be changed.",
            (Remedy("Mention a file of the code"),),
        )
    known = function in defined[fitting[0]]
    return Place(fitting[0], function, is_missing=bool(function) and not known)


def _known(name: str, defined: Mapping[RelPath, Sequence[str]], files: Sequence[RelPath]) -> list[Place]:
    """Where a name is defined: by its module where it has one, in the named files first."""
    owner, _, bare = name.rpartition(".")
    found = [
        Place(path, function)
        for path in (*files, *(p for p in defined if p not in files))
        for function in defined[path]
        if function == name or (function == bare and owner and module_of(path, ()).endswith(owner))
    ]
    return found if len(found) <= 1 or not files else [p for p in found if p.path in files] or found


def _home(
    name: str, files: Sequence[RelPath], defined: Mapping[RelPath, Sequence[str]]
) -> RelPath | None:
    """The file that a name which nobody defines is to be written in."""
    owner = name.rpartition(".")[0]
    by_owner = [path for path in defined if owner and module_of(path, ()).endswith(owner)]
    if by_owner or files:
        return (by_owner or list(files))[0]
    real = [path for path in defined if PurePosixPath(path).name != "__init__.py"]
    return real[0] if len(real) == 1 else None


def _means(place: Place, name: str) -> bool:
    bare = name.rpartition(".")[2]
    return place.function in (name, bare) or place.function.split(".", 1)[0] == name


def _is_named(path: RelPath, text: str) -> bool:
    """Whether the words name a file, with its ending, or as a module."""
    file = PurePosixPath(path)
    if re.search(rf"(?<![\w/]){re.escape(file.name)}\b", text) or path in text:
        return True
    stem = re.escape(file.stem)
    return bool(
        re.search(
            rf"\b(?:module|file|modul|datei)\s+[`'\"]?{stem}\b|\b{stem}\s+(?:module|file)\b", text, re.I
        )
    )


def _names_in(text: str) -> list[str]:
    """Identifiers of the words: in backticks, before a bracket, with an underscore or dot, then any."""
    marked = re.findall(r"`([A-Za-z_][\w.]*)`|\b([A-Za-z_][\w.]*)\(|\b(\w+_\w+)\b", text)
    strong = [name for groups in marked for name in groups if name]
    return list(dict.fromkeys([*strong, *re.findall(r"\b[A-Za-z_][\w.]{2,}\b", text)]))


def _new_names(text: str) -> list[str]:
    """What the words call a function that is to be there."""
    named = re.findall(
        r"\b(?:function|method|helper|funktion|fonction|funci\w+)\s+(?:named\s+|called\s+|namens\s+)?[`'\"]?"
        r"([a-z_]\w+)[`'\"]?(?=\W)",
        f"{text} ",
        re.IGNORECASE,
    )
    said = {
        "that",
        "which",
        "for",
        "to",
        "in",
        "with",
        "should",
        "must",
        "can",
        "and",
        "called",
        "named",
        "is",
    }
    return [name for name in named if name.lower() not in said]
