"""Is there a display to open a window on? Asked before Qt, which ends the process where it finds none."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ANSWER_SECONDS: Final = 3.0
_X11_PORT: Final = 6000


def has_display(environ: Mapping[str, str]) -> bool:
    """True where a display server answers: on Linux that of ``WAYLAND_DISPLAY`` or ``DISPLAY``.

    A variable alone says little: it outlives the server in a multiplexer, and points nowhere in a
    container. ``QT_QPA_PLATFORM`` is taken at its word; other systems always have a display.
    """
    if sys.platform != "linux" or environ.get("QT_QPA_PLATFORM"):
        return True
    return _wayland_answers(environ) or _x11_answers(environ.get("DISPLAY", ""))


def _wayland_answers(environ: Mapping[str, str]) -> bool:
    name = environ.get("WAYLAND_DISPLAY")
    return bool(name) and _connects(str(Path(environ.get("XDG_RUNTIME_DIR", "")) / str(name)))


def _x11_answers(display: str) -> bool:
    """``[host]:number[.screen]``, as in X(7), "Display names"."""
    parsed = re.fullmatch(r"(?P<host>.*):(?P<number>\d+)(\.\d+)?", display)
    if parsed is None:
        return False
    if (host := parsed["host"]) and host != "unix":
        return _connects((host, _X11_PORT + int(parsed["number"])))
    path = f"/tmp/.X11-unix/X{parsed['number']}"
    return _connects(path) or _connects(f"\0{path}")


def _connects(address: str | tuple[str, int]) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    try:
        with socket.socket(family) as server:
            server.settimeout(ANSWER_SECONDS)
            server.connect(address)
    except (OSError, OverflowError):
        return False
    return True
