"""How each test of a repository has fared over its last runs, in one small file for each repository.

Blocking. A file names every test once and holds, for each run, one letter a test: ten thousand tests and
thirty runs are some 600 kB, most of it names.
"""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import Any, Final

from core.atomic import write_atomic
from core.types import NodeId, Outcome, TestReport

log = logging.getLogger("greenbar.history")

KEPT: Final = 30
"""Runs of a repository."""
ABSENT: Final = "-"
_LETTERS: Final = {
    outcome: "p" if outcome.is_green else "f" if outcome.is_red else "s" for outcome in Outcome
}


class RunBook:
    """``folder`` is made where it is missing. A file that cannot be understood is begun anew: the next
    runs fill it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, repository: str, report: TestReport, time: float) -> None:
        """Take a whole run in. Raises OSError."""
        book = self._read(repository)
        places = {node: place for place, node in enumerate(book["tests"])}
        letters = [ABSENT] * len(places)
        for result in report.results:
            place = places.setdefault(result.node_id, len(places))
            if place == len(letters):
                letters.append(ABSENT)
            letters[place] = _LETTERS[result.outcome]
        runs = [*book["runs"], [time, "".join(letters)]][-KEPT:]
        text = json.dumps({"tests": list(places), "runs": runs})
        write_atomic(self._path(repository), text.encode("utf-8", "surrogatepass"))

    def past(self, repository: str, node: NodeId) -> tuple[tuple[float, str], ...]:
        """When each run was, oldest first, and how the test fared: ``p`` passed, ``f`` failed, ``s``
        skipped; runs in which it was not are left out."""
        book = self._read(repository)
        if node not in book["tests"]:
            return ()
        place = book["tests"].index(node)
        marks = ((time, letters[place : place + 1]) for time, letters in book["runs"])
        return tuple((time, mark) for time, mark in marks if mark and mark != ABSENT)

    def _path(self, repository: str) -> Path:
        name = hashlib.sha256(repository.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return self._folder / f"{name}.json"

    def _read(self, repository: str) -> dict[str, Any]:
        try:
            book = json.loads(self._path(repository).read_bytes().decode("utf-8", "surrogatepass"))
            tests, runs = list(map(str, book["tests"])), [(float(t), str(r)) for t, r in book["runs"]]
        except FileNotFoundError:
            return {"tests": [], "runs": []}
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("the runs of %s are begun anew", repository)
            return {"tests": [], "runs": []}
        return {"tests": tests, "runs": runs}
