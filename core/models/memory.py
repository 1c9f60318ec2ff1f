"""How much memory a model needs, against what is free. Pure.

::

    needed = weights + repacked weights (a half) + cache per token * context + 160 MiB

llama.cpp maps the file, repacks about half of a 4-bit model for the processor's vector units when it
runs on the CPU, and keeps keys and values of every token of the context at 16 bits:
``2 * layers * heads kept * head size * 2`` bytes a token. The rest is buffers. Measured as resident
memory of the process on the embedded 1.5B model after a long prompt: 1.90 GB with a context of 2048
tokens and 2.08 GB with 8192; the formula gives 1.90 and 2.08.
"""

from __future__ import annotations

from typing import Final

from core.types import MemoryFit

_BUFFERS: Final = 160 * 1024**2
_USUAL_CACHE: Final = 32 * 1024
"""Bytes a token, where the file does not say: that of a 1.5B model."""
_COMFORTABLE: Final = 0.8
"""Of what is free; above, tests that run beside may push the machine into swapping."""
_CONTEXTS: Final = (32_768, 16_384, 8_192, 4_096, 2_048)


def memory_needed(weights: int, context: int, cache_bytes: int = 0) -> int:
    """Bytes. ``weights`` is the file's size, ``cache_bytes`` those of a token of context (0: unknown)."""
    return weights + weights // 2 + context * (cache_bytes or _USUAL_CACHE) + _BUFFERS


def fit(needed: int, free: int | None) -> MemoryFit:
    """``free`` in bytes, ``None`` where the machine does not tell."""
    if free is None or not needed:
        return MemoryFit.UNKNOWN
    if needed > free:
        return MemoryFit.TOO_LARGE
    return MemoryFit.FITS if needed <= free * _COMFORTABLE else MemoryFit.TIGHT


def choose_context(weights: int, cache_bytes: int, wanted: int, trained: int, free: int | None) -> int:
    """The largest context, in tokens, that is not above ``wanted``, nor above what the model was
    trained for (0: unknown), and that fits comfortably; the least of our steps where none does."""
    most = min(wanted, trained) if trained else wanted
    steps = [most, *(step for step in _CONTEXTS if step < most)]
    for context in steps:
        if fit(memory_needed(weights, context, cache_bytes), free) in (MemoryFit.FITS, MemoryFit.UNKNOWN):
            return context
    return steps[-1]


def largest_file(free: int) -> int:
    """Bytes of the largest model file that so much memory holds, with the least context; 0 for none."""
    return max(0, (free - memory_needed(0, _CONTEXTS[-1])) * 2 // 3)
