"""Kinds of repositories whose tests Greenbar runs only by a command of theirs: which one to name, and
where. Reads files, changes nothing."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from core.repo.settings import OWN_FILE


@dataclass(frozen=True, slots=True)
class KnownCommand:
    """One entry of ``resources/commands.toml``."""

    title: str
    kind: str
    extensions: tuple[str, ...]
    when: tuple[str, ...]
    """One of these files is at the root."""
    command: str
    format: str
    results: str = ""
    image: str = ""
    programs: tuple[str, ...] = ()
    needs: str = ""
    """What must be there besides, as a phrase."""

    @property
    def lines(self) -> str:
        """The lines for the repository's own file."""
        said = {"command": self.command, "format": self.format, "results": self.results}
        said["image"] = self.image
        lines = [f"{name} = {_quoted(value)}" for name, value in said.items() if value]
        programs = ", ".join(map(_quoted, self.programs))
        return "\n".join(("[tests]", *lines, f"programs = [{programs}]"))

    @property
    def advice(self) -> str:
        """What to do, in full."""
        needed = f"\n\nThis needs {self.needs}." if self.needs else ""
        return (
            f"Write these lines to {OWN_FILE} at the root of the repository, and change the command "
            f"where your tests are run by another:\n\n{self.lines}{needed}\n\n"
            "What the tests need installed is named as commands under [setup]; see docs/languages.md."
        )


def known_command(root: Path) -> KnownCommand | None:
    """The first entry that fits the repository (or private copy) at ``root``."""
    table = tomllib.loads(files("resources").joinpath("commands.toml").read_text("utf-8"))
    for entry in table["known"]:
        values = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
        known = KnownCommand(**values)  # type: ignore[arg-type]
        if any((root / name).is_file() for name in known.when):
            return known
    return None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
