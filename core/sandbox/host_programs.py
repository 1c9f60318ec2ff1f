"""Where this computer keeps the programs of a toolchain, for the sandboxes that use its own. Pure, but
for looking at files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from core.errors import SandboxError
from core.sandbox.base import Toolchain
from core.types import Remedy


@dataclass(frozen=True, slots=True)
class HostPrograms:
    """``path``: folders for PATH. ``places``: what must be readable for the programs to work."""

    path: tuple[str, ...] = ()
    places: tuple[Path, ...] = ()

    def outside(self, folders: Iterable[str]) -> tuple[Path, ...]:
        """The places that are not below any of ``folders``."""
        below = tuple(folders)
        return tuple(
            place for place in self.places if not any(place.is_relative_to(folder) for folder in below)
        )


def locate(toolchain: Toolchain, path: str | None = None, home: Path | None = None) -> HostPrograms:
    """Find the programs on ``path`` (default: PATH). Raises SandboxError naming the missing one."""
    folders: dict[str, None] = {}
    places: dict[Path, None] = {}
    for program in toolchain.programs:
        found = which(program, path=path)
        if found is None:
            raise SandboxError(
                "sandbox.program_missing",
                f"The program {program} is not installed on this computer.",
                (
                    Remedy("Use Docker", action="use_docker", shell="greenbar fix --sandbox docker"),
                    Remedy(f"Install {program}"),
                ),
            )
        real = Path(found).resolve()
        # Under its own name: npm is a link to npm-cli.js, which PATH does not find.
        folders[os.fspath(Path(found).absolute().parent)] = None
        places[Path(found).absolute()] = None
        places[_home_of(real, home or Path.home())] = None
    return HostPrograms(tuple(folders), tuple(places))


def _home_of(program: Path, home: Path) -> Path:
    """The folder that holds the program's own files: ``~/sdk/go1.26`` of ``~/sdk/go1.26/bin/go``.

    Never one that holds other things as well (``/``, ``~``, ``~/.local``): then the program alone.
    """
    for folder in program.parents:
        if folder.name in ("bin", "lib"):
            root = folder.parent
            shared = home.is_relative_to(root) or root in (home / ".local", Path("/usr"))
            return program if shared else root
    return program
