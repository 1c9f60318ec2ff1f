"""What a pasted text is, by its form: a traceback, what a test runner prints, a log, or words. Pure."""

from __future__ import annotations

import re
from typing import Final

from core.types import Attachment, AttachmentKind
from ui.words import counted, tr

FEW_LINES: Final = 4
"""Up to so many lines anything stays in the message."""
MANY_LINES: Final = 40
MANY_CHARACTERS: Final = 6000
MOST: Final = 200_000
"""Characters of an attachment; its middle is left out beyond that."""
_LOOKED_AT: Final = 60_000
_TESTS: Final = re.compile(
    r"^=+ (?:test session starts|FAILURES|ERRORS|short test summary info) =+$"
    r"|^(?:FAILED|ERROR) \S+::\S+|^=+ .*\d+ (?:failed|passed).* =+$|^--- FAIL: |^FAIL\s+\S+"
    r"|^Tests: +.*\d+ total|^FAILED \(|^Ran \d+ tests? in |<testsuites?[ >]",
    re.M,
)
_TRACEBACK: Final = re.compile(
    r"^\s*Traceback \(most recent call last\):|^\s*File \"[^\"\n]+\", line \d+"
    r"|^\s+at \S.*\(?\S+:\d+:\d+\)?$|^panic: |^goroutine \d+ \[|^E {3}\S|^\s+at [\w.$]+\([\w.]+:\d+\)$"
    r"|^thread '.*' panicked at",
    re.M,
)
_LOG: Final = re.compile(
    r"^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|^\S+ (?:INFO|WARN(?:ING)?|ERROR|DEBUG)\b"
    r"|^(?:INFO|WARN(?:ING)?|ERROR|DEBUG)[:\s]",
    re.M,
)
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+::\S+)", re.M)


def attachment_of(text: str) -> Attachment | None:
    """What to attach in the place of ``text``, or ``None`` where it belongs into the message."""
    lines = text.count("\n") + 1
    seen = text if len(text) <= _LOOKED_AT else text[: _LOOKED_AT // 2] + text[-_LOOKED_AT // 2 :]
    number = counted(lines, "{n} line", "{n} lines")
    if lines > 2 and _TESTS.search(seen):
        return _made(AttachmentKind.TESTS, tr("Test output, {lines}", lines=number), text)
    if lines > 2 and _TRACEBACK.search(seen):
        return _made(AttachmentKind.TRACEBACK, tr("Traceback, {lines}", lines=number), text)
    if lines > FEW_LINES and len(_LOG.findall(seen)) * 2 >= min(lines, 200):
        return _made(AttachmentKind.TEXT, tr("Log, {lines}", lines=number), text)
    if lines > MANY_LINES or len(text) > MANY_CHARACTERS:
        words = counted(len(text.split()), "{n} word", "{n} words")
        return _made(AttachmentKind.TEXT, tr("Pasted text, {words}", words=words), text)
    return None


def failed_tests(attachments: tuple[Attachment, ...]) -> tuple[str, ...]:
    """The tests that attached output says have failed."""
    found = (match for one in attachments for match in _FAILED.findall(one.text))
    return tuple(dict.fromkeys(found))


def _made(kind: AttachmentKind, title: str, text: str) -> Attachment:
    if len(text) > MOST:
        middle = tr("… {n} characters left out …", n=len(text) - MOST)
        text = f"{text[: MOST // 2]}\n{middle}\n{text[-MOST // 2 :]}"
        title = tr("{title}, shortened", title=title)
    return Attachment(kind, title, text)
