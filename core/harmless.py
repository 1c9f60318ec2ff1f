"""Text from outside, without what a terminal would obey. Imports nothing else of core."""

from __future__ import annotations

import re
from typing import Final

_OBEYED: Final = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # an order to the terminal's window, such as its title
    r"|\x1b[P^_X][^\x1b]*\x1b\\"
    r"|\x1b[\]P^_X]"  # begun and never ended: what follows is shown
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # colours, cursor, screen
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
    r"|[\u202a-\u202e\u2066-\u2069]"  # marks that turn the direction of writing around
)


def harmless(text: str) -> str:
    """``text`` without escape sequences and control characters but tabs and newlines."""
    return _OBEYED.sub("", text)
