"""Why a set-up has failed: the installer's own words, under a sentence for the commonest causes."""

from __future__ import annotations

import re
from typing import Final

from core.errors import SetUpError
from core.types import Remedy

_AGAIN: Final = Remedy("Try again", action="set_up")
_CAUSES: Final = (
    (
        "set_up.no_space",
        r"No space left on device|Disk quota exceeded",
        "Installing what the tests need has failed: the disk is full.",
        Remedy("Show free space", shell="df -h"),
    ),
    (
        "set_up.offline",
        (
            r"dns error|failed to lookup address|Connection refused|Network is unreachable|timed out"
            r"|tunnel error|error trying to connect|invalid peer certificate|EAI_AGAIN|ENOTFOUND"
        ),
        "Installing what the tests need has failed: the package index cannot be reached.",
        None,
    ),
    (
        "set_up.compiler",
        (
            r"(gcc|cc|g\+\+|clang)'? failed: No such file|No such file or directory: '\S*(gcc|g\+\+|cc)'"
            r"|unable to execute '?\S*(gcc|cc|g\+\+)"
            r"|compiler (cannot|not found)|Unknown compiler\(s\)|linker `cc` not found|Python\.h: No such"
        ),
        "A package that the tests need has to be compiled, and there is no compiler.",
        Remedy("Install a compiler", shell="sudo apt install build-essential python3-dev"),
    ),
    (
        "set_up.rust",
        r"can't find Rust compiler|cargo.*(not found|No such file)|requires Rust",
        "A package that the tests need is written in Rust, and there is no Rust compiler.",
        Remedy("Install Rust", shell="sudo apt install cargo"),
    ),
    (
        "set_up.not_found",
        r"was not found in the package registry|not found in the provided package locations",
        "A package that the tests need is not in the package index.",
        None,
    ),
    (
        "set_up.hash",
        r"Hash mismatch",
        "A package from the index is not the one whose hash the repository names.",
        None,
    ),
    (
        "set_up.conflict",
        r"No solution found|unsatisfiable|ResolutionImpossible",
        "The versions that the repository asks for do not fit together.",
        None,
    ),
    (
        "set_up.no_program",
        r": not found$|command not found",
        "A program that the set-up needs is not installed.",
        None,
    ),
)


def set_up_failed(tail: str) -> SetUpError:
    """One error for every sandbox; ``tail`` is the end of what the installer has said."""
    for code, pattern, sentence, remedy in _CAUSES:
        if re.search(pattern, tail, re.IGNORECASE | re.MULTILINE):
            remedies = (_AGAIN,) if remedy is None else (remedy, _AGAIN)
            return SetUpError(code, sentence, remedies, tail[-8000:])
    sentence = "Installing what the tests need has failed."
    return SetUpError("set_up.failed", sentence, (_AGAIN,), tail[-8000:])
