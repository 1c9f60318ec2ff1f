"""Reads the header of a GGUF file: what model it holds, and whether the file is whole.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. The ``gguf`` package would do it, but
brings numpy, PyYAML and requests along for these few numbers.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from core.errors import ModelError
from core.types import Remedy

MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_ALIGNMENT: Final = 32
_MOST_KEYS: Final = 10_000
_MOST_TENSORS: Final = 1_000_000
_MOST_ITEMS: Final = 10_000_000
_LONGEST_TEXT: Final = 16 * 1024**2
_MOST_KEPT: Final = 1_024
"""Longer arrays (the vocabulary) are passed over."""
_SCALARS: Final = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _ARRAY = 8, 9
_TENSOR_BYTES: Final = {
    # ggml's type: (values in a block, bytes of a block)
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292),
    16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110),
    22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8),
    29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36),
}  # fmt: skip
_FILE_TYPES: Final = {
    0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S",
    12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K",
    19: "IQ2_XXS", 20: "IQ2_XS", 21: "Q2_K_S", 22: "IQ3_XS", 23: "IQ3_XXS", 24: "IQ1_S", 25: "IQ4_NL",
    26: "IQ3_S", 27: "IQ3_M", 28: "IQ2_S", 29: "IQ2_M", 30: "IQ4_XS", 31: "IQ1_M", 32: "BF16",
    36: "TQ1_0", 37: "TQ2_0", 38: "MXFP4", 39: "NVFP4",
}  # fmt: skip
_NO_TEXT: Final = (
    "bert",
    "clip",
    "mmproj",
    "t5encoder",
    "wavtokenizer-dec",
    "gemma-embedding",
    "whisper",
)
"""What architectures hold that read text or pictures, but cannot continue a text: part of their name."""

Value: TypeAlias = Any
"""A number, a truth value, a text, or a tuple of them."""


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """Unknown numbers are 0 and unknown words empty. ``context`` is what the model was trained for, in
    tokens; ``cache_bytes`` what each token of context takes in the key-value cache, at 16 bits."""

    architecture: str
    name: str
    quantisation: str
    context: int
    cache_bytes: int


class _NotWhole(Exception):
    """The file ends too early, or holds what no such file can hold."""


def read_facts(path: Path, *, for_vectors: bool = False) -> GgufFacts:
    """What is in this file, without reading the weights. Blocks for a tenth of a second.

    ``for_vectors`` lets models through that only read text.
    Raises ModelError: ``model.file_missing``, ``model.file_damaged``, ``model.wrong_architecture``,
    ``model.split_file``.
    """
    try:
        with path.open("rb") as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                raise _bad(path, "is not a GGUF model file", "its first bytes are not GGUF")
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _facts(path, data, for_vectors)
    except FileNotFoundError as error:
        raise ModelError("model.file_missing", f"The model file {path} is not there.") from error
    except OSError as error:
        raise _bad(path, "cannot be read", str(error)) from error


def reads_only(architecture: str) -> bool:
    """True for a kind of model that turns text or pictures into vectors and cannot write."""
    return any(word in architecture for word in _NO_TEXT)


def _facts(path: Path, data: mmap.mmap, for_vectors: bool) -> GgufFacts:
    try:
        keys, needed = _read(data)
    except _NotWhole as error:
        raise _bad(path, "is damaged or was not copied whole", str(error)) from error
    if needed > len(data):
        details = f"it has {len(data):,} bytes, its header speaks of {needed:,}"
        raise _bad(path, "was not copied whole", details)
    architecture = _text(keys, "general.architecture")
    if not architecture or (reads_only(architecture) and not for_vectors):
        what = architecture or "unknown"
        sentence = f"{path.name} holds a model of the kind {what}, which cannot write text."
        raise ModelError("model.wrong_architecture", sentence)
    if (part := _number(keys, "split.no")) > 0:
        sentence = f"{path.name} is part {part + 1} of a model; name the first part, beside the others."
        raise ModelError("model.split_file", sentence)
    return GgufFacts(
        architecture,
        _text(keys, "general.name") or path.stem,
        _FILE_TYPES.get(_number(keys, "general.file_type", -1), ""),
        _number(keys, f"{architecture}.context_length"),
        _cache_bytes(keys, architecture),
    )


def _cache_bytes(keys: dict[str, Value], architecture: str) -> int:
    """Keys and values, two bytes each, of every head that has its own, in every layer."""

    def of(name: str) -> int:
        return _number(keys, f"{architecture}.{name}")

    layers, heads = of("block_count"), of("attention.head_count")
    heads_kept: Value = keys.get(f"{architecture}.attention.head_count_kv", heads)
    size = of("embedding_length") // heads if heads else 0
    both = (of("attention.key_length") or size) + (of("attention.value_length") or size)
    if isinstance(heads_kept, tuple):  # layer by layer
        return sum(count for count in heads_kept if isinstance(count, int)) * both * 2
    return layers * heads_kept * both * 2 if isinstance(heads_kept, int) else 0


def _read(data: mmap.mmap) -> tuple[dict[str, Value], int]:
    """The metadata, and how long the file must be."""
    reader = _Reader(data)
    version = reader.number("I")
    if version not in _VERSIONS:
        swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
        kind = "big-endian" if swapped in _VERSIONS else f"version {version}"
        raise _NotWhole(f"GGUF files that are {kind} cannot be read")
    tensors, count = reader.number("Q"), reader.number("Q")
    if count > _MOST_KEYS or tensors > _MOST_TENSORS:
        raise _NotWhole(f"{count:,} keys and {tensors:,} tensors cannot be")
    keys = {reader.text(): reader.value(reader.number("I")) for _ in range(count)}
    ends = [reader.tensor_end() for _ in range(tensors)]
    alignment = max(1, _number(keys, "general.alignment", _ALIGNMENT))
    start = -(-reader.at // alignment) * alignment
    return keys, start + max(ends) if ends else reader.at


class _Reader:
    """Walks over the header; the length of the file bounds every step."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.at = len(MAGIC)

    def number(self, code: str) -> Any:
        size = struct.calcsize(f"<{code}")
        return struct.unpack_from(f"<{code}", self._data, self._step(size))[0]

    def text(self) -> str:
        size = self.number("Q")
        if size > _LONGEST_TEXT:
            raise _NotWhole(f"a text of {size:,} bytes cannot be")
        start = self._step(size)
        return self._data[start : start + size].decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> Value:
        if kind == _STRING:
            return self.text()
        if kind == _ARRAY and depth < 2:
            return self._array(depth)
        if kind not in _SCALARS:
            raise _NotWhole(f"a value of the unknown kind {kind}")
        return self.number(_SCALARS[kind])

    def tensor_end(self) -> int:
        """Where the next tensor ends, counted from the first one's beginning."""
        self.text()
        values = 1
        for _ in range(min(self.number("I"), 8)):
            values *= self.number("Q")
        kind, offset = self.number("I"), self.number("Q")
        of_block, size = _TENSOR_BYTES.get(kind, (1, 0))  # an unknown kind has at least its beginning
        return int(offset + values // of_block * size)

    def _array(self, depth: int) -> Value:
        kind, count = self.number("I"), self.number("Q")
        if kind in _SCALARS and count > _MOST_KEPT:
            self._step(struct.calcsize(f"<{_SCALARS[kind]}") * count)
            return ()
        if count > _MOST_ITEMS:
            raise _NotWhole(f"a list of {count:,} items cannot be")
        kept = tuple(self.value(kind, depth + 1) for _ in range(min(count, _MOST_KEPT)))
        for _ in range(count - len(kept)):
            if kind == _STRING:
                self._step(self.number("Q"))
            else:
                self.value(kind, depth + 1)
        return kept

    def _step(self, size: int) -> int:
        start, end = self.at, self.at + size
        if end > len(self._data):
            raise _NotWhole("it ends in the middle of its header")
        self.at = end
        return start


def _number(keys: dict[str, Value], name: str, default: int = 0) -> int:
    value = keys.get(name, default)
    return value if isinstance(value, int) else default


def _text(keys: dict[str, Value], name: str) -> str:
    value = keys.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _bad(path: Path, what: str, details: str) -> ModelError:
    remedies = (Remedy("Fetch or copy it anew"),)
    return ModelError("model.file_damaged", f"{path.name} {what}.", remedies, details)
