"""Source files as text and back: encoding, newlines and final newline survive an edit.

Pure. Proposers see and return text with ``\\n`` newlines only; what reaches a file goes through
:meth:`TextFile.with_text`, which gives each untouched line its own bytes again.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from core.errors import PatchError

_BOM = b"\xef\xbb\xbf"
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK_OR_COMMENT = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_NEWLINE = re.compile(r"\r\n|\n|\r")
"""What Python's tokenizer counts as the end of a line; ``str.splitlines`` would break at more."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A decoded file.

    ``text`` has ``\\n`` newlines and no byte order mark; its line numbers are Python's.
    ``encoding`` is a codec name (``utf-8-sig`` where the file starts with a byte order mark).
    ``guessed`` is true where the bytes fit no declared encoding and were read as latin-1, which
    takes any bytes and gives them back. ``endings`` holds each terminated line's own ending.
    """

    text: str
    encoding: str = "utf-8"
    guessed: bool = False
    endings: tuple[str, ...] = ()

    @classmethod
    def from_bytes(cls, data: bytes) -> TextFile | None:
        """Decode, or return ``None`` for a binary file (one that holds a NUL byte)."""
        if b"\0" in data:
            return None
        for encoding in _candidates(data):
            decoded = _decode_exactly(data, encoding)
            if decoded is not None:
                return cls._make(decoded, encoding, guessed=False)
        return cls._make(data.decode("latin-1"), "latin-1", guessed=True)

    @classmethod
    def _make(cls, decoded: str, encoding: str, *, guessed: bool) -> TextFile:
        endings = tuple(match.group() for match in _NEWLINE.finditer(decoded))
        return cls(_NEWLINE.sub("\n", decoded), encoding, guessed, endings)

    @property
    def newline(self) -> str:
        """The ending that most lines have; ``\\n`` where there is none."""
        return Counter(self.endings).most_common(1)[0][0] if self.endings else "\n"

    @property
    def is_mixed(self) -> bool:
        return len(set(self.endings)) > 1

    def with_text(self, new: str) -> bytes:
        """The bytes of this file with ``new`` as its text, in this file's style.

        Lines that stay keep their own ending, new ones take the ending of the line they replace
        or else the commonest; the file ends with a newline exactly where it did before (an empty
        file takes the text as it is). Raises PatchError where the encoding lacks a character.
        """
        text = _NEWLINE.sub("\n", new)
        if self.text and text:
            had_final = self.text.endswith("\n")
            if had_final and not text.endswith("\n"):
                text += "\n"
            elif not had_final:
                text = text.removesuffix("\n")
        styled = self._restore_endings(text)
        try:
            return styled.encode(self.encoding)
        except UnicodeEncodeError as error:
            missing = styled[error.start : error.start + 1]
            raise PatchError(
                "text.encoding",
                f"The character {missing!r} does not exist in {self.encoding}, the file's encoding.",
            ) from error

    def _restore_endings(self, text: str) -> str:
        lines = text.split("\n")
        if not self.is_mixed:
            return self.newline.join(lines)
        count = len(lines) - 1
        endings = self._matched_endings(lines[:count])
        return "".join(line + end for line, end in zip(lines, [*endings, ""], strict=True))

    def _matched_endings(self, lines: list[str]) -> list[str]:
        old = self.text.split("\n")[: len(self.endings)]
        matched: list[str] = []
        opcodes = SequenceMatcher(None, old, lines, autojunk=False).get_opcodes()
        for _, old_from, old_to, new_from, new_to in opcodes:
            span = self.endings[old_from:old_to]
            pairs = zip_longest(span, range(new_to - new_from), fillvalue=None)
            matched += [end or self.newline for end, place in pairs if place is not None]
        return matched


def _candidates(data: bytes) -> list[str]:
    """Codecs to try, in the order of PEP 263: byte order mark, cookie, UTF-8."""
    if data.startswith(_BOM):
        return ["utf-8-sig"]
    for line in re.split(rb"\r\n|\n|\r", data[:4096])[:2]:
        if found := _COOKIE.match(line):
            return [found.group(1).decode("ascii", "replace"), "utf-8"]
        if not _BLANK_OR_COMMENT.match(line):
            break
    return ["utf-8"]


def _decode_exactly(data: bytes, encoding: str) -> str | None:
    """Decode where the codec exists, extends ASCII and gives the same bytes back."""
    try:
        text = data.decode(encoding)
        exact = text.encode(encoding) == data and "#\n".encode(encoding).endswith(b"#\n")
        return text if exact else None
    except (UnicodeError, LookupError):
        return None
