"""From what is said to what it is about: tests that fail, hunks and files under review. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.commands import Say
from core.events import ReviewReady
from core.types import Attachment, AttachmentKind, Hunk, NodeId
from ui.conversation.pasted import failed_tests
from ui.words import tr

_MENTION: Final = re.compile(r"(?<![\w@])@([^\s@`]+)")
_FEW: Final = 2
"""Lines of code that a block must share with a file before it is said to be about it."""


def wanted_tests(said: Say, failing: Sequence[NodeId]) -> tuple[NodeId, ...]:
    """The failing tests that a message names or attached output says have failed; empty: all of them."""
    named = {node for node in failing if f"@{node}" in said.text}
    output = set(failed_tests(said.attachments))
    return tuple(node for node in failing if node in named or node in output)


def mentions_in(text: str) -> tuple[str, ...]:
    """What stands behind each ``@`` of a message."""
    found = (match[1].rstrip(".,;:!?)'\"") for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(name for name in found if name))


def hunk_attachment(hunk: Hunk) -> Attachment:
    """A hunk as it goes with a message."""
    last = hunk.new_start + max(hunk.new_count - 1, 0)
    title = tr("Hunk {path}:{first}–{last}", path=hunk.path, first=hunk.new_start, last=last)
    return Attachment(AttachmentKind.HUNK, title, "\n".join([hunk.path, hunk.head, *hunk.lines]))


def path_under_review(review: ReviewReady | None, info: str, code: str) -> str:
    """The file of the patch under review that a block of code is about, or nothing: by the path behind
    its fence, else by the lines that they share."""
    if review is None:
        return ""
    for file in review.files:
        if file.path in info:
            return file.path
    lines = {line.strip() for line in code.split("\n") if len(line.strip()) > 8}
    best, most = "", min(_FEW, len(lines)) - 1
    for file in review.files:
        own = {line.strip() for line in f"{file.before or ''}\n{file.after or ''}".split("\n")}
        shared = len(lines & own)
        if shared > most:
            best, most = file.path, shared
    return best if most > 0 else ""
