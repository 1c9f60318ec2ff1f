"""Which of the installed packages a source file uses. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_IMPORT: Final = re.compile(r"^\s*(?:import|from)\s+(\w+)", re.MULTILINE)

_VERSION: Final = re.compile(r"[\w.+!-]{1,40}")
"""Metadata may say anything for a version, and it stands outside of every fence."""


def imported_versions(installed: Mapping[str, str], source: str) -> tuple[str, ...]:
    """``name version`` of the modules in ``installed`` that a Python ``source`` imports, sorted, after
    Python's own; empty where it imports none of them."""
    imports = set(_IMPORT.findall(source)) & installed.keys() - {"python"}
    imports = {name for name in imports if _VERSION.fullmatch(installed[name])}
    own = (f"Python {installed['python']}",) if "python" in installed and imports else ()
    return (*own, *(f"{name} {installed[name]}" for name in sorted(imports)))
