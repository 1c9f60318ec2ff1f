"""How files, tests and hunks are named."""

from __future__ import annotations

from typing import TypeAlias

RelPath: TypeAlias = str
NodeId: TypeAlias = str
"""A pytest node id (``tests/test_a.py::test_b[1]``), or a file path for a collection error."""
HunkId: TypeAlias = str
"""``path#n``: the n-th hunk (from 0) of a patch in that file."""
