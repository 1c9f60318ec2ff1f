"""Lines that the worker did not write are not taken for its messages."""

from __future__ import annotations

import json
from hashlib import blake2b

from core.testing.signed import HASH_BYTES, SignedLines

KEY = b"k" * 32


def line(number: int, message: object, key: bytes = KEY) -> bytes:
    text = f"{number} {json.dumps(message)}".encode()
    return blake2b(text, key=key, digest_size=HASH_BYTES).hexdigest().encode() + b" " + text


def test_genuine_lines_are_read_in_their_order() -> None:
    lines = SignedLines(KEY)
    assert lines.read(line(1, {"type": "a"})) == {"type": "a"}
    assert lines.read(line(2, {"type": "b"})) == {"type": "b"}
    assert lines.signs == []


def test_a_line_that_is_repeated_or_signed_with_another_key_or_not_at_all_is_a_sign() -> None:
    for forged in (line(1, {"type": "a"}), line(2, {"type": "b"}, b"x" * 32), b'{"type": "b"}', b"\xff"):
        lines = SignedLines(KEY)
        lines.read(line(1, {"type": "a"}))
        assert lines.read(forged) is None
        assert len(lines.signs) == 1
