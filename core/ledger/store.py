"""Ledgers on disk: one JSON file for each repository, in Greenbar's own data. Blocking."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from core.atomic import write_atomic
from core.types import Requirement, RequirementSource

log = logging.getLogger("greenbar.ledger")

_FORM: Final = 1


class LedgerStore:
    """Below ``folder``. States are not kept: only a run of the tests can tell them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, repository: str) -> tuple[tuple[Requirement, ...], int, frozenset[str]]:
        """The lines, the highest number that was ever given, and the rules of AGENTS.md that were taken
        in (one that the user has dropped does not come back); what cannot be read counts as none."""
        try:
            kept = json.loads(self._path(repository).read_text("utf-8"))
            lines = tuple(map(_line, kept["requirements"]))
            return lines, int(kept["last_id"]), frozenset(map(str, kept["taken"]))
        except FileNotFoundError:
            return (), 0, frozenset()
        except (OSError, ValueError, TypeError, KeyError) as error:
            log.warning("the ledger cannot be read: %r", error)
            return (), 0, frozenset()

    def save(
        self, repository: str, lines: Iterable[Requirement], last_id: int, taken: Iterable[str]
    ) -> None:
        """Raises OSError."""
        kept = {
            "form": _FORM,
            "repository": repository,
            "last_id": last_id,
            "taken": sorted(taken),
            "requirements": [
                {"id": one.id, "text": one.text, "source": one.source.value, "tests": list(one.tests)}
                for one in lines
            ],
        }
        write_atomic(self._path(repository), json.dumps(kept, indent=2).encode())

    def _path(self, repository: str) -> Path:
        name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return self._folder / f"{name}.json"


def _line(kept: dict[str, Any]) -> Requirement:
    return Requirement(
        int(kept["id"]),
        str(kept["text"]),
        RequirementSource(kept["source"]),
        tests=tuple(map(str, kept["tests"])),
    )
