"""Small GGUF files with real headers, whole and broken."""

from __future__ import annotations

import struct
from typing import Any

QWEN = {
    "general.architecture": "qwen2",
    "general.name": "Tiny Coder",
    "general.file_type": 15,
    "qwen2.context_length": 32768,
    "qwen2.block_count": 28,
    "qwen2.embedding_length": 1536,
    "qwen2.attention.head_count": 12,
    "qwen2.attention.head_count_kv": 2,
    "tokenizer.ggml.tokens": ["a", "b", "ü" * 40] * 500,
    "tokenizer.ggml.scores": [0.5] * 2000,
}


def gguf(keys: dict[str, Any] | None = None, *, version: int = 3, weights: int = 4096) -> bytes:
    """A file with one tensor of ``weights`` 16-bit values, filled with zeros."""
    keys = QWEN if keys is None else keys
    head = b"GGUF" + struct.pack("<IQQ", version, 1, len(keys))
    head += b"".join(_text(name) + _typed(value) for name, value in keys.items())
    head += _text("blk.0.weight") + struct.pack("<IQIQ", 1, weights, 1, 0)
    return head + bytes(-len(head) % 32) + bytes(2 * weights)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _typed(value: Any) -> bytes:
    match value:
        case str():
            return struct.pack("<I", 8) + _text(value)
        case int():
            return struct.pack("<II", 4, value)
        case [str(), *_]:
            return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_text, value))
        case [float(), *_]:
            return struct.pack("<IIQ", 9, 6, len(value)) + struct.pack(f"<{len(value)}f", *value)
        case [int(), *_]:
            return struct.pack("<IIQ", 9, 4, len(value)) + struct.pack(f"<{len(value)}I", *value)
    raise TypeError(value)
