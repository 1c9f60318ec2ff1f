"""Where a test's error was raised, in the repository or outside, read from its traceback text. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.types import TestResult

_LOCATION: Final = re.compile(r"^(?P<path>[^\s:>][^:\n]*):(?P<line>\d+): ", re.MULTILINE)
"""pytest ends each entry of a traceback so, in its long style and in its short one."""
_NATIVE_LOCATION: Final = re.compile(r'^\s*(?:E\s+)?File "(?P<path>[^"\n]+)", line (?P<line>\d+)', re.M)
_KIND: Final = re.compile(r"^(?:E\s+)?([A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Iteration))\b")
_PACKAGES: Final = re.compile(r"(?:^|[/\\])(?:site|dist)-packages[/\\](?P<package>[A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class CrashSite:
    """``path`` as the traceback has it; ``raised``: by a ``raise`` or ``assert`` that was meant to."""

    path: str
    line: int
    kind: str
    """The exception's class without its module; empty where none is told."""
    raised: bool

    @property
    def package(self) -> str:
        """The installed package that the place is in; empty for none."""
        found = _PACKAGES.search(self.path)
        return found["package"] if found else ""

    @property
    def short(self) -> str:
        """``package/module.py:12`` for a place in an installed package, else as it is."""
        found = _PACKAGES.search(self.path)
        path = self.path[found.start("package") :] if found else self.path
        return f"{path}:{self.line}"


def kind_of(result: TestResult) -> str:
    """The class of the error that a message begins with; empty for a bare assertion."""
    found = _KIND.match(result.message.strip())
    return found[1].rsplit(".", 1)[-1] if found else ""


def crash_site(result: TestResult) -> CrashSite | None:
    """The last place of the traceback; ``None`` where the text has none."""
    text = result.traceback
    found = list(_LOCATION.finditer(text)) or list(_NATIVE_LOCATION.finditer(text))
    if not found:
        return None
    last = found[-1]
    before = text[: last.start()].splitlines()
    shown = next((line for line in reversed(before) if line.startswith(">")), "")
    after = text[text.find("\n", last.start()) + 1 :].partition("\n")[0]
    # The long style shows the code above the place, the short one below it.
    code = shown[1:].strip() or after.strip()
    raised = code.startswith(("raise ", "raise\n", "assert ")) or code == "raise"
    return CrashSite(last["path"], int(last["line"]), kind_of(result), raised)
