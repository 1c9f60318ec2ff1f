"""Open questions and the answers given, on disk, one file for each repository. Blocks on the disk.

What cannot be read is forgotten: a question that still matters arises again.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.atomic import write_atomic
from core.clarify.answers import Answer
from core.types import Question

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter

log = logging.getLogger("greenbar.clarify")

MOST_ANSWERS: Final = 500
"""That are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A question that waits. ``ground`` tells the state of the files that it is about."""

    question: Question
    ground: str


@dataclass(frozen=True, slots=True)
class Notes:
    """What is kept. ``last`` is the highest number that a question has had."""

    last: int = 0
    pending: tuple[Pending, ...] = ()
    answers: tuple[Answer, ...] = ()


class Shelf:
    """The file of one repository."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Notes:
        try:
            return _converter().structure(json.loads(self._path.read_text("utf-8")), Notes)
        except FileNotFoundError:
            return Notes()
        except Exception as error:  # noqa: BLE001 (cattrs wraps whatever a bad file sets off)
            # Whatever is wrong with the file, it must not keep a repository from being opened.
            log.warning("questions cannot be read: %r", error)
            return Notes()

    def write(self, notes: Notes) -> None:
        """A full disk costs the memory of a question, not the work."""
        kept = Notes(notes.last, notes.pending, notes.answers[-MOST_ANSWERS:])
        try:
            write_atomic(self._path, json.dumps(_converter().unstructure(kept), indent=1).encode())
        except OSError:
            log.exception("questions cannot be written")


@cache
def _converter() -> JsonConverter:
    from cattrs.preconf.json import make_converter

    return make_converter()
