"""The questions of an opened repository, between the work that raises them and the user's answers."""

from __future__ import annotations

import hashlib
from pathlib import Path

from core.clarify.desk import Questions
from core.clarify.shelf import Shelf
from core.session.emitter import Emitter
from core.types import RelPath


class Asking:
    """Belongs to one opened repository; ``questions`` is the desk that takes them."""

    def __init__(self, data: Path, root: Path, emit: Emitter) -> None:
        """``data`` is Greenbar's folder, ``root`` the user's tree."""
        name = hashlib.sha256(str(root.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._root = root
        self.questions = Questions(Shelf(data / "questions" / f"{name}.json"), emit, self._read)

    async def answer(self, number: int, choice: int, text: str) -> None:
        """Take the user's answer; see :class:`core.commands.AnswerQuestion`."""
        await self.questions.answer(number, choice, text)

    async def take_back(self, number: int) -> None:
        """Let an earlier answer count no longer."""
        self.questions.take_back(number)

    def _read(self, path: RelPath) -> bytes | None:
        try:
            return (self._root / path).read_bytes()
        except OSError:
            return None
