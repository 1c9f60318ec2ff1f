"""What the tests of a language other than Python need to be installed, as its file says. Reads files
only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.sandbox.base import SetUpPlan
from core.testing.languages import Language, SetUpStep

RECIPE: Final = 1
"""Counted up when the same plan would be installed differently."""


def language_plan(language: Language, root: Path, commands: Sequence[str] | None = None) -> SetUpPlan:
    """The plan for the repository (or private copy) at ``root``; empty where nothing is needed.

    ``commands`` are the repository's own (``setup.commands``) and replace the language's.
    """
    step = next((step for step in language.set_up if _applies(step, root)), None)
    wanted = (step.commands if step else ()) if commands is None else tuple(commands)
    if not wanted:
        return SetUpPlan()
    inputs = step.inputs if step else ()
    digest = hashlib.sha256(repr((RECIPE, wanted, language.toolchain)).encode())
    for name in inputs:
        path = root / name
        if path.is_file():
            digest.update(f"\n{name}\n".encode() + path.read_bytes())
    source = ", ".join(step.when) if step and commands is None else "setup.commands"
    return SetUpPlan(commands=wanted, digest=digest.hexdigest(), source=source)


def _applies(step: SetUpStep, root: Path) -> bool:
    if not all((root / name).is_file() for name in step.when):
        return False
    text = (root / step.when[0]).read_bytes().decode("utf-8", "replace")
    return re.search(step.contains, text) is not None
