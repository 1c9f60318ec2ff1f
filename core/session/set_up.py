"""What to install for a repository: the user's own word, remembered, before what its files say."""

from __future__ import annotations

import json
import re
from pathlib import Path

from core.atomic import write_atomic
from core.errors import RepositoryError
from core.repo.git import Git
from core.repo.settings import SetUpSettings, read_settings
from core.sandbox.base import SetUpPlan
from core.sandbox.plan import Hints, find_plan
from core.sandbox.sources.pythons import environment_python
from core.testing.languages import PYTEST, Language
from core.testing.set_up import language_plan
from core.types import SetUpChoice

_TAGGED_VERSION = re.compile(r"(?:^|[^\d.])(\d+(?:\.\d+)+(?:(?:a|b|rc|\.post)\d+)?)$")


class SetUpBook:
    """What was said and learned about the set-up of each repository, in the file ``path``.

    Blocking. Repositories are named by their absolute path.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def choose(self, repository: str, commands: tuple[str, ...] | None) -> None:
        """Run ``commands`` in the place of what would be found (none: install nothing) from now on;
        ``None`` takes the word back. Raises OSError where it cannot be written."""
        self._write(repository, {} if commands is None else {"commands": list(commands)})

    def chosen(self, repository: str) -> SetUpChoice:
        commands = self._entry(repository).get("commands")
        if not isinstance(commands, list):
            return SetUpChoice.FOUND
        return SetUpChoice.COMMANDS if commands else SetUpChoice.NOTHING

    def widen(self, repository: str) -> None:
        """Install what is for development as well from now on: the tests need it."""
        self._write(repository, {**self._entry(repository), "wide": True})

    def plan(
        self, repository: str, copy: Path, *, wide: bool = False, language: Language = PYTEST
    ) -> SetUpPlan:
        """The plan for the private copy at ``copy``; ``wide`` asks for development packages, too.

        Raises UsageError for wrong settings of the repository.
        """
        entry = self._entry(repository)
        commands = entry.get("commands")
        if not language.is_python:
            chosen = tuple(map(str, commands)) if isinstance(commands, list) else None
            own = read_settings(copy).setup.commands
            return language_plan(language, copy, own if chosen is None else chosen)
        said = None
        if isinstance(commands, list):
            python = read_settings(copy).setup.python
            said = SetUpSettings(
                packages=(), editable=False, commands=tuple(map(str, commands)), python=python
            )
        return find_plan(copy, said, look_around(Path(repository)), wide=wide or bool(entry.get("wide")))

    def _write(self, repository: str, entry: dict[str, object]) -> None:
        book = {path: kept for path, kept in self._load().items() if path != repository}
        if entry:
            book[repository] = entry
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(self._path, json.dumps(book, indent=2).encode())

    def _entry(self, repository: str) -> dict[str, object]:
        entry = self._load().get(repository)
        return entry if isinstance(entry, dict) else {}

    def _load(self) -> dict[str, object]:
        try:
            book = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return book if isinstance(book, dict) else {}


def look_around(root: Path) -> Hints:
    """What the user's own folder tells: a virtual environment's Python, the newest tag's version."""
    try:
        answer = Git(root).ask("describe", "--tags", "--abbrev=0")
    except RepositoryError:
        return Hints(environment_python(root))
    tag = answer.output.decode("utf-8", "replace").strip() if answer.status == 0 else ""
    found = _TAGGED_VERSION.search(tag)
    return Hints(environment_python(root), found[1] if found else "")
