"""The table of tasks: read, and laid over the projects' own files. See tasks.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.sdists import Sdist

TABLE = Path(__file__).parent / "tasks.toml"


@dataclass(frozen=True, slots=True)
class RealTask:
    """One bug: whole lines ``right`` of ``file`` made ``wrong``."""

    name: str
    kind: str
    sdist: Sdist
    file: str
    right: str
    wrong: str

    def broken(self, text: str) -> str:
        """The file's text with the bug. Raises ValueError where its place is not found exactly once."""
        if text.count(self.right) != 1:
            raise ValueError(f"{self.name}: its lines occur {text.count(self.right)} times")
        return text.replace(self.right, self.wrong)


def read_table(path: Path = TABLE) -> tuple[RealTask, ...]:
    """Every task, in the table's order."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    sdists = {
        project: Sdist(project, entry["version"], entry["sha256"])
        for project, entry in content["projects"].items()
    }
    return tuple(
        RealTask(
            name, entry["kind"], sdists[_project(name)], entry["file"], entry["right"], entry["wrong"]
        )
        for name, entry in content["tasks"].items()
    )


def _project(name: str) -> str:
    return name.partition("-")[0]
