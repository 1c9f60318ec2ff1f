"""Conversations on disk: one file of JSON lines for each repository, in Greenbar's own data. Blocking.

A line is a message, or the numbers of those that were folded away; it is appended as it happens, so
that nothing is written twice and a crash costs the last line at most.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.atomic import write_atomic
from core.types import ChatMessage

log = logging.getLogger("greenbar.talk")

MOST_MESSAGES: Final = 2000
"""Older ones are let go of when a conversation is opened."""


class ConversationStore:
    """Below ``folder``. Repositories are named by their absolute path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, repository: str) -> tuple[ChatMessage, ...]:
        """Every message, in order; lines that cannot be read are left out."""
        path = self._path(repository)
        try:
            lines = path.read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            log.warning("the conversation cannot be read: %s", error)
            return ()
        found: dict[int, ChatMessage] = {}
        for line in lines:
            _take(line, found)
        messages = tuple(found.values())[-MOST_MESSAGES:]
        if len(lines) > 2 * MOST_MESSAGES:
            write_atomic(path, "".join(map(_line, messages)).encode())
        return messages

    def add(self, repository: str, message: ChatMessage) -> None:
        """Raises OSError."""
        self._append(repository, _line(message))

    def fold(self, repository: str, messages: Sequence[int], by: int) -> None:
        """Raises OSError."""
        self._append(repository, json.dumps({"folded": list(messages), "by": by}) + "\n")

    def _append(self, repository: str, line: str) -> None:
        path = self._path(repository)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(line)

    def _path(self, repository: str) -> Path:
        name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return self._folder / f"{name}.jsonl"


def _line(message: ChatMessage) -> str:
    # All ASCII: text with a lone surrogate in it can only be escaped.
    from cattrs import unstructure

    return json.dumps(unstructure(message)) + "\n"


def _take(line: str, found: dict[int, ChatMessage]) -> None:
    from cattrs import structure
    from cattrs.errors import BaseValidationError

    try:
        kept = json.loads(line)
        if "folded" in kept:
            _fold(kept["folded"], int(kept["by"]), found)
        else:
            message = structure(kept, ChatMessage)
            found[message.id] = message
    except (ValueError, TypeError, KeyError, BaseValidationError) as error:
        log.warning("a message cannot be read: %r", error)


def _fold(numbers: Iterable[int], by: int, found: dict[int, ChatMessage]) -> None:
    for number in numbers:
        if number in found:
            found[number] = replace(found[number], folded_by=by)
