"""The worker's answers, with the proof that the worker wrote them; pure.

The tests of a run can reach the worker's standard output (through ``/proc``, where they run as the
same user), but not the key of the run: the worker drops it before it forks. The other end is
``make_sender`` in ``core/sandbox/inside/greenbar_channel.py``.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

HASH_BYTES = 16


class SignedLines:
    """Reads the lines of one run."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hashlib.blake2b(key=key, digest_size=HASH_BYTES)
        self._count = 0
        self.signs: list[str] = []
        """Clauses on lines that the worker did not write."""

    def read(self, line: bytes) -> dict[str, Any] | None:
        """The message of a genuine line, else ``None``."""
        mac, _, text = line.partition(b" ")
        keyed = self._keyed.copy()
        keyed.update(text)
        number, _, body = text.partition(b" ")
        genuine = hmac.compare_digest(mac, keyed.hexdigest().encode())
        if not genuine or int(number) != self._count + 1:
            if not self.signs:
                self.signs.append("a line that the worker did not write came over its channel")
            return None
        self._count += 1
        message: dict[str, Any] = json.loads(body)
        return message
