"""Remarks that say exactly what to write, read by rules: no model is needed for them. Pure.

A solution is written in the same words as these rules read, so a remark that the user has corrected
in the card is read like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from core.types import ChangeKind

Scope = Literal["", "file", "place", "signature", "name", "line"]

OPERATORS: Final = ("<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "//", "%", "**", "and", "or")
COMPARISONS: Final = ("<=", ">=", "==", "!=", "<", ">")

_POLITE: Final = re.compile(
    r"^(?:(?:please|pls|kindly|just|rather|but|and|so|ok|okay|hm+|"
    r"i(?:'d| would) (?:prefer|like)(?: (?:you )?to)?|"
    r"(?:can|could|would|will) (?:you|we)(?: please)?|why not|let'?s|better|you (?:should|must)|"
    r"it should|this should|we should)[,:]?\s+)+",
    re.IGNORECASE,
)
_CODE: Final = (
    r"(?:`([^`]+)`|'([^']+)'|\"([^\"]+)\"|([\w.]+(?:\s*[-+*/%<>=!]{1,3}\s*[\w.]+)+"
    r"|[\w.]+(?:\([^()]*\))?|[-+*/%<>=!]{1,3}))"
)
_EXACT: Final = (
    r"(?:`([^`]+)`|'([^']+)'|\"([^\"]+)\"|(-?\d[\w.]*|None|True|False|[-+*/%<>=!]{1,3}|\w*_\w*))"
)
"""Code that cannot be a word of English."""
_NAME: Final = r"[`'\"]?([A-Za-z_]\w*)[`'\"]?"
_END: Final = r"(?:\s+(?:here|there|in this (?:line|function|file|hunk)|instead|please))*\s*[.!]*$"
_THING: Final = (
    r"(?:(?:the|this|that)\s+)?(?:(?:variable|function|method|parameter|argument|class|name)\s+)?"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """``what`` is code that is there, ``instead`` code that is wanted; ``scope`` says of what a wish is
    that names no code."""

    kind: ChangeKind
    what: str = ""
    instead: str = ""
    scope: Scope = ""


def read_wish(text: str) -> Wish | None:
    """The wish of a remark, where it is one of those that can be carried out to the letter."""
    words = " ".join(text.split()).rstrip("?").strip()
    words = _POLITE.sub("", words)
    for pattern, make in _RULES:
        if match := pattern.match(words):
            return make(*(group for group in match.groups() if group is not None))
    return None


def solution_of(wish: Wish) -> str:
    """The wish in one sentence, which :func:`read_wish` reads again."""
    match wish:
        case Wish(kind=ChangeKind.RENAME):
            return f"Rename `{wish.what}` to `{wish.instead}`."
        case Wish(kind=ChangeKind.CHANGE, what=""):
            return f"Use `{wish.instead}` here."
        case Wish(kind=ChangeKind.CHANGE):
            return f"Use `{wish.instead}` instead of `{wish.what}`."
        case Wish(kind=ChangeKind.REMOVE, what=""):
            return "Remove this line."
        case Wish(kind=ChangeKind.REMOVE):
            return f"Remove `{wish.what}`."
        case Wish(scope="file"):
            return f"Leave {wish.what or 'this file'} as it is."
        case Wish(scope="signature"):
            return "Keep the signature."
        case Wish(scope="name"):
            return f"Keep `{wish.what}`."
        case _:
            return "Leave this as it was."


def names_code(text: str) -> tuple[str, ...]:
    """What of a remark is code rather than words: in quotes or backticks, dotted, with underscores,
    brackets or a capital inside, each once. Sentences in quotes are not."""
    found: list[str] = []
    for match in re.finditer(
        r"`([^`]+)`|\b([\w./]*\w\.py)\b|\b(\w+(?:\.\w+)+)\b|\b(\w+)\(\)|\b(\w+)\b", text
    ):
        quoted, path, dotted, called, word = match.groups()
        code = quoted or path or dotted or called
        if not code and word and (("_" in word.strip("_")) or re.search(r"[a-z][A-Z]", word)):
            code = word
        if code and code.lower() not in {"e.g", "i.e"} and code not in found:
            found.append(code.strip())
    return tuple(found)


def _renamed(old: str, new: str) -> Wish:
    return Wish(ChangeKind.RENAME, old, new)


def _swapped(instead: str, what: str) -> Wish:
    return Wish(ChangeKind.CHANGE, what, instead)


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"^(?:{pattern}){_END}", re.IGNORECASE)


_DONT: Final = r"(?:do not|don'?t|never|no need to)\s+(?:change|touch|edit|modify|alter)"
_THESE: Final = r"(?:the|its|this)\s+"
_HEAD: Final = r"(?:signature|parameters|interface)"
_FILE: Final = r"[`'\"]?([\w./-]+\.\w+)[`'\"]?"

_RULES: Final = (
    (_rule(rf"rename\s+{_THING}{_NAME}\s+(?:to|as|into)\s+{_NAME}"), _renamed),
    (_rule(rf"{_THING}{_NAME}\s+should be (?:called|named|renamed to)\s+{_NAME}"), _renamed),
    (_rule(rf"(?:call|name)\s+it\s+{_NAME}\s+(?:instead of|not)\s+{_NAME}"), lambda n, o: _renamed(o, n)),
    (_rule(rf"{_DONT}\s+(?:this|the|that) file"), lambda: Wish(ChangeKind.KEEP, scope="file")),
    (
        _rule(r"leave (?:this|the|that) file (?:alone|as it (?:is|was))"),
        lambda: Wish(ChangeKind.KEEP, scope="file"),
    ),
    (_rule(rf"{_DONT}\s+(?:the (?:file\s+)?)?{_FILE}"), lambda p: Wish(ChangeKind.KEEP, p, scope="file")),
    (
        _rule(rf"leave\s+(?:the (?:file\s+)?)?{_FILE}\s+(?:alone|as it (?:is|was))"),
        lambda p: Wish(ChangeKind.KEEP, p, scope="file"),
    ),
    (
        _rule(
            rf"(?:keep|preserve|restore)\s+{_THESE}(?:old |public |original )?{_HEAD}"
            rf"|{_DONT}\s+{_THESE}(?:public )?{_HEAD}"
        ),
        lambda: Wish(ChangeKind.KEEP, scope="signature"),
    ),
    (
        _rule(
            rf"(?:undo|revert|take back|restore)\s+(?:this|that|the)(?:\s+(?:line|hunk|change|one))?"
            r"|(?:leave|keep)\s+(?:this|that|it|the)(?:\s+(?:line|hunk|part|code))?"
            r"\s+(?:alone|as it (?:is|was))"
            rf"|{_DONT}\s+(?:this|that|it|the)(?:\s+(?:line|hunk|part))?"
        ),
        lambda: Wish(ChangeKind.KEEP, scope="place"),
    ),
    (
        _rule(r"(?:remove|delete|drop)\s+(?:this|that|the|these)\s+lines?"),
        lambda: Wish(ChangeKind.REMOVE, scope="line"),
    ),
    (
        _rule(r"(?:remove|delete|drop)\s+(?:the\s+(?:call(?: to)?|line)\s+)?`([^`]+)`"),
        lambda c: Wish(ChangeKind.REMOVE, c),
    ),
    (
        _rule(r"keep\s+(?:the name\s+)?`?([A-Za-z_]\w*)`?"),
        lambda n: Wish(ChangeKind.KEEP, n, scope="name"),
    ),
    (
        _rule(rf"(?:use\s+|write\s+)?{_CODE}\s+(?:instead of|rather than|in place of)\s+{_CODE}"),
        _swapped,
    ),
    (
        _rule(rf"(?:replace|change|turn|swap)\s+(?:the\s+)?{_CODE}\s+(?:with|by|to|into|for)\s+{_CODE}"),
        lambda what, instead: Wish(ChangeKind.CHANGE, what, instead),
    ),
    (
        _rule(rf"(?:the\s+)?{_EXACT}\s+(?:should|must|has to)\s+be\s+{_EXACT}"),
        lambda w, i: Wish(ChangeKind.CHANGE, w, i),
    ),
    (
        _rule(r"use\s+(?:a\s+|the\s+)?`?([<>=!]=?|[-+*/%]|and|or)`?"),
        lambda i: Wish(ChangeKind.CHANGE, "", i),
    ),
    (_rule(r"use\s+(?:the\s+)?`([^`]+)`"), lambda i: Wish(ChangeKind.CHANGE, "", i)),
)
