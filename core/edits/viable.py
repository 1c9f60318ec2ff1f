"""Whether a half-written answer can still become an edit; stops it where it cannot, or need not. Pure.

The idea is Z. Sun et al., "When neural code completion models size up the situation" (dynamic completion
inference), 2024: stop a completion that is going wrong. They read the model's inner layers, which no
server shows; the rules of our edit formats tell as surely, and without training. An answer is stopped
only where :func:`core.edits.apply.apply_answer` would refuse it whatever followed, where no room for an
edit is left, or where the edit is whole already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from core.edits.answer import CodeBlock, SearchReplace, is_divider, parse_answer
from core.edits.apply import apply_answer
from core.edits.elision import find_elision
from core.edits.values import AppliedEdits, EditFailure
from core.models.guard import StopReason, StopSign
from core.types import EditFormat, RelPath

_CHATTER: Final = 400
"""Characters of prose after a whole search/replace edit, after which no further one is expected."""
_MOST_PROSE: Final = 1200
_CHARACTERS_PER_TOKEN: Final = 3.5
_LEAST_SHARE: Final = 0.3
"""An answer that rewrites a function is hardly ever shorter than this share of it."""
_FENCE: Final = re.compile(r"^[ \t]*(`{3,}|~{3,})(.*)$")
_SEARCH: Final = re.compile(r"^[ \t]*<{5,9}\s*SEARCH\b")
_STARTS_CODE: Final = re.compile(r"^[ \t]*(?:async def |def |class |@\w|import |from \w+ import )")
_END: Final = ">>>>>>> REPLACE\n"


class EditGuard:
    """A :class:`core.models.guard.StreamGuard` for one answer that is to change ``sources``.

    The arguments are those of :func:`core.edits.apply.apply_answer`; ``max_tokens`` is the answer's
    limit, ``size`` the characters of the function that is asked for.
    """

    def __init__(
        self,
        form: EditFormat,
        sources: Mapping[RelPath, str],
        path: RelPath,
        function: str = "",
        header: str | None = None,
        *,
        max_tokens: int,
        size: int,
    ) -> None:
        self._form = form
        self._sources = sources
        self._path = path
        self._function = function
        self._header = header
        room = max_tokens * _CHARACTERS_PER_TOKEN
        if form is EditFormat.FUNCTION:
            room -= size * _LEAST_SHARE
        self._prose = max(200, min(_MOST_PROSE, int(room)))
        self._text = ""

    def feed(self, piece: str) -> StopSign | None:
        """Looks at whole lines only: a line is not judged before its end."""
        self._text += piece
        if "\n" not in piece and len(self._text) < self._prose:
            return None
        whole = self._text[: self._text.rfind("\n") + 1]
        lines = whole.split("\n")[:-1]
        if not _has_begun(lines):
            return self._too_much_prose()
        if any(_SEARCH.match(line) for line in lines):
            return self._look_at_search(whole, lines)
        # Where search/replace was asked for, a fence may hold a quotation that comes before it.
        return None if self._form is EditFormat.SEARCH else self._look_at_code(whole, lines)

    def _too_much_prose(self) -> StopSign | None:
        if len(self._text) < self._prose or _STARTS_CODE.search(self._text.rpartition("\n")[2]):
            return None
        return StopSign(StopReason.HOPELESS, "It talks where code must come, and no room is left for it.")

    def _look_at_code(self, whole: str, lines: list[str]) -> StopSign | None:
        blocks = [block for block in parse_answer(whole) if isinstance(block, CodeBlock)]
        known = "\n".join(self._sources.values())
        for block in blocks:
            if placeholder := find_elision(block.code, known):
                return StopSign(StopReason.HOPELESS, f"It leaves code out: {placeholder}")
        if _just_closed(lines) and isinstance(self._apply(whole), AppliedEdits):
            return StopSign(StopReason.COMPLETE, "The code was closed.")
        return None

    def _look_at_search(self, whole: str, lines: list[str]) -> StopSign | None:
        if is_divider(lines[-1]) and isinstance(refused := self._apply(whole + _END), EditFailure):
            return StopSign(StopReason.HOPELESS, refused.sentence)
        blocks = [block for block in parse_answer(whole) if isinstance(block, SearchReplace)]
        known = "\n".join(self._sources.values())
        for block in blocks:  # the one whose replacement is still being written, too
            if placeholder := find_elision(block.replace, known):
                return StopSign(StopReason.HOPELESS, f"It leaves code out: {placeholder}")
        after = self._text.rpartition("REPLACE")[2]
        if blocks and len(after) > _CHATTER and not any(_SEARCH.match(s) for s in after.split("\n")):
            return StopSign(StopReason.COMPLETE, "The edit was followed by talk.")
        return None

    def _apply(self, answer: str) -> AppliedEdits | EditFailure:
        return apply_answer(answer, self._sources, self._path, self._function, self._header)


def _has_begun(lines: list[str]) -> bool:
    return any(_FENCE.match(line) or _SEARCH.match(line) or _STARTS_CODE.match(line) for line in lines)


def _just_closed(lines: list[str]) -> bool:
    """Whether the last line closes a fence."""
    fences = [line for line in lines if _FENCE.match(line)]
    last = _FENCE.match(lines[-1])
    return last is not None and not last[2].strip() and len(fences) % 2 == 0
