"""Placeholders for code left out ("rest of code unchanged"): they must never reach a file. Pure."""

from __future__ import annotations

import re

_WORDS = (
    r"(?:rest|remainder|remaining|other|existing|previous|original|same|unchanged|omitted)\b.*"
    r"\b(?:code|function|functions|method|methods|file|class|implementation|body|logic|lines|unchanged|same|here|before|above)"
)
_COMMENT = re.compile(r"^\s*(?:#|//|/\*|--|<!--)\s*(.*?)\s*(?:\*/|-->)?\s*$")
_PLACEHOLDER = (
    re.compile(rf"^(?:\.\.\.|…)?\s*(?:\(|\[)?\s*(?:the\s+)?{_WORDS}.*$", re.IGNORECASE),
    re.compile(r"^(?:\.\.\.|…)[\w\s,'\-]*(?:\.\.\.|…)?$"),
    re.compile(r"^(?:your|my)\s+(?:code|implementation|logic)\s+(?:here|goes here).*$", re.IGNORECASE),
    re.compile(
        r"^(?:code|function|method|body)\s+(?:unchanged|omitted|as before|remains).*$", re.IGNORECASE
    ),
)
_DOTS = re.compile(r"^\s*(?:\.\.\.|…)\s*$")


def find_elision(code: str, original: str = "") -> str:
    """The first placeholder line of ``code``, or an empty string.

    A line that also stands in ``original`` (the file as it is) is no placeholder: some files hold
    ``...`` bodies or such comments of their own.
    """
    own = {line.strip() for line in original.splitlines()}
    for line in code.splitlines():
        if line.strip() in own or not line.strip():
            continue
        comment = _COMMENT.match(line)
        if _DOTS.match(line) or (comment and any(p.match(comment[1]) for p in _PLACEHOLDER)):
            return line.strip()
    return ""
