"""Processes of this machine that say their name, in whatever namespace they are."""

from __future__ import annotations

from pathlib import Path

NAME_YOURSELF = "open('/proc/self/comm', 'w').write({name!r})\n"
"""Source; a name has at most 15 characters."""


def named(name: str) -> list[int]:
    """Those that gave themselves ``name``.

    Zombies do not count: it is for this machine's init to reap what the host sandbox orphaned.
    """
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            pid, _, rest = (folder / "stat").read_text().partition(f" ({name}) ")
            if rest and not rest.startswith("Z"):
                found.append(int(pid))
        except OSError:
            continue
    return found
