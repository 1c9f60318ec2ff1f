"""A folder of git repositories as a task set; what a set knows of them stands in ``bench.toml``.

Such a file lies in the folder (a table ``[repositories.NAME]`` for each that it says something of), or in
a repository itself (the same keys at its top); the repository's own word counts where both speak.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from core.bench.entries import BadEntry, lines_of, word, words
from core.bench.layout import SET_FILE
from core.bench.values import BenchTask
from core.errors import UsageError

_KEYS: Final = {"kind", "targets", "hidden", "lines", "source"}


def read_folder(folder: Path) -> tuple[BenchTask, ...]:
    """A task for each repository in ``folder``, by name; ``folder`` itself where it is one.

    Raises UsageError that names the file at fault.
    """
    if (folder / ".git").exists():
        return (_task(folder.name, folder, _read(folder / SET_FILE)),)
    said = _read(folder / SET_FILE)
    tables = said.get("repositories", {})
    if set(said) - {"repositories"} or not isinstance(tables, dict):
        raise _bad(folder / SET_FILE, "everything in it stands in tables [repositories.NAME]")
    found = {path.name: path for path in sorted(folder.iterdir()) if (path / ".git").exists()}
    for name, table in tables.items():
        if name not in found or not isinstance(table, dict):
            raise _bad(folder / SET_FILE, f"there is no repository {name} in the folder")
    return tuple(
        _task(f"{folder.name}/{name}", path, {**tables.get(name, {}), **_read(path / SET_FILE)})
        for name, path in found.items()
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError("bench.bad_entry", f"{path} cannot be read as TOML: {error}.") from error


def _task(name: str, root: Path, said: dict[str, Any]) -> BenchTask:
    try:
        if unknown := set(said) - _KEYS:
            raise BadEntry(f"there is no key {min(unknown)!r}; there are {', '.join(sorted(_KEYS))}")
        return BenchTask(
            id=name,
            kind=word(said, "kind"),
            repository=str(root.absolute()),
            targets=words(said, "targets"),
            hidden=words(said, "hidden"),
            truth=lines_of(said, "lines"),
            source=word(said, "source"),
        )
    except BadEntry as error:
        raise _bad(root / SET_FILE, str(error)) from error


def _bad(path: Path, what: str) -> UsageError:
    return UsageError("bench.bad_entry", f"{path}: {what}.")
