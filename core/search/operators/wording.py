"""Titles in words: what a mutation does to an expression, told by what differs. Pure."""

from __future__ import annotations

import re
from typing import Final

_SHOWN: Final = 44
_SHORT: Final = 18
"""Beside something long, at most this much of it is shown."""
_EDGE: Final = re.compile(r"\w+|\s+|[^\w\s]")
_CALL: Final = re.compile(r"[A-Za-z_][\w.]*(?=\()")
_SIGNS: Final = {
    "+": "add {more} to {old}",
    "-": "subtract {more} from {old}",
    "*": "multiply {old} by {more}",
    "//": "divide {old} by {more}, rounding down",
    "%": "take the remainder of {old} by {more}",
    "and": "extend {old} by and {more}",
    "or": "extend {old} by or {more}",
}


def shown(code: str, most: int = _SHOWN) -> str:
    """Code for a title: one line, shortened to ``most`` characters."""
    line = " ".join(code.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def replacement(old: str, new: str) -> str:
    """What putting ``new`` in the place of ``old`` does: ``add 1 to total / len(weights)``."""
    old, new = " ".join(old.split()), " ".join(new.split())
    if not old or not new:
        return f"replace {shown(old)} with {shown(new)}"
    if new.startswith((f"{old} ", f"({old}) ")):
        sign, _, more = new[new.index(old) + len(old) :].lstrip(") ").partition(" ")
        if sign in _SIGNS and more:
            return _SIGNS[sign].format(old=shown(old), more=shown(more))
    if new in (f"not {old}", f"not ({old})", f"-({old})", f"-{old}"):
        return f"negate {shown(old)}"
    call = _CALL.match(new)
    if call and new.endswith(")") and old in new[call.end() :]:
        inside = new[call.end() + 1 : -1]
        if inside == old:
            return f"put {call[0]}(…) around {shown(old)}"
        if len(old) > _SHORT and inside.count(old) == 1:
            return f"put {shown(new.replace(old, '…'))} around {shown(old)}"
    if len(old) + len(new) > _SHOWN:
        return _difference(old, new)
    return f"replace {old} with {new}"


def _difference(old: str, new: str) -> str:
    """Long texts by the part in which they differ, whole words, with a little of what is around."""
    before, after = _EDGE.findall(old), _EDGE.findall(new)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    one, other = ("".join(side[start : len(side) - end]).strip() for side in (before, after))
    whole = shown(old, _SHOWN)
    if one and other and len(one) + len(other) < len(old):
        return f"replace {shown(one)} with {shown(other)} in {whole}"
    if other and not one and start and end:
        return f"insert {shown(other)} in {whole}"
    if one and not other:
        return f"drop {shown(one)} from {whole}"
    return f"replace {shown(old)} with {shown(new)}"
