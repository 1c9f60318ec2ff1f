"""Makes Python give way to the window: what a thread of core does must not be felt on the GUI thread."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Final

SWITCH_SECONDS: Final = 0.0001
"""Fifty times as often as Python's default. A slot takes the interpreter's lock back after each call into
Qt; waiting up to 5 ms each time while core worked made gaps of 170 ms at the opening of a repository, and
up to 0.5 ms still one of 47 to 88 ms where ten thousand results stream in (33 to 46 ms now)."""


def give_way_to_the_window() -> None:
    """Call once, before anything else imports Qt."""
    sys.setswitchinterval(SWITCH_SECONDS)
    plain = builtins.__import__
    import PySide6.QtCore  # noqa: F401

    hooked = builtins.__import__

    def without_reading(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - Python's own names
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        chosen = hooked if fromlist and "*" in fromlist else plain
        return chosen(name, globals, locals, fromlist, level)

    # WORKAROUND: from here on PySide6 would read and scan the source of every module that is imported,
    # core's and its libraries' too, for ``from __feature__ import``, which nobody here uses. See
    # https://github.com/napari/napari/issues/8584. It is still asked for ``import *`` (qtpy's), since
    # only it knows which of Qt's names are not made yet. Can go when PySide6 looks only where it must.
    builtins.__import__ = without_reading
