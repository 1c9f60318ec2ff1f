"""Search and replace with a forgiving ladder: exact, whitespace, indentation, nearest. Pure.

Each rung looks for one place only: where a rung finds two, the edit fails and says so, it never
guesses. The last rung takes the most similar window of lines above :data:`SIMILAR`
(:class:`difflib.SequenceMatcher` ratio), if no other, apart from it, comes near.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Final

from core.edits.values import EditFailure, numbered

SIMILAR: Final = 0.85
MARGIN: Final = 0.03
"""How much better than the next place the nearest one must be."""


def replace_once(text: str, search: str, replace: str) -> tuple[str, str] | EditFailure:
    """Put ``replace`` where ``search`` stands. Gives the new text and the rung that was needed.

    Newlines are ``\\n``. Whole lines are compared; the final newline of ``text`` is kept as it is.
    """
    wanted = _trimmed(search)
    if not wanted:
        return EditFailure("The SEARCH part is empty, so there is no place to edit.")
    lines, new = text.split("\n"), _trimmed(replace)
    rungs: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("exact", str),
        ("whitespace", lambda line: " ".join(line.rstrip().split(" ")).rstrip()),
        ("indentation", str.strip),
    )
    for rung, normal in rungs:
        places = _places([normal(line) for line in lines], [normal(line) for line in wanted])
        if rung == "whitespace":
            places = places or _places(
                [_inner(line) for line in lines], [_inner(line) for line in wanted]
            )
        if rung == "indentation":
            places = [p for p in places if _shifts_evenly(lines[p : p + len(wanted)], wanted)]
        if len(places) > 1:
            return _ambiguous(lines, places, len(wanted))
        if places:
            return _put(lines, places[0], len(wanted), wanted, new), rung
    return _nearest(lines, wanted, new)


def _nearest(lines: list[str], wanted: list[str], new: list[str]) -> tuple[str, str] | EditFailure:
    target = "\n".join(line.strip() for line in wanted)
    scored: list[tuple[float, int, int]] = []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(target)
    for size in {len(wanted), len(wanted) - 1, len(wanted) + 1} - {0}:
        for start in range(len(lines) - size + 1):
            matcher.set_seq1("\n".join(line.strip() for line in lines[start : start + size]))
            if matcher.real_quick_ratio() > 0.5 and matcher.quick_ratio() > 0.5:
                scored.append((matcher.ratio(), start, size))
    scored.sort(key=lambda item: (-item[0], abs(item[2] - len(wanted)), item[1]))
    if not scored:
        return EditFailure("The SEARCH part does not occur in the file.")
    ratio, start, size = scored[0]
    if ratio < SIMILAR:
        shown = numbered(lines, start, size)
        return EditFailure("The SEARCH part does not occur in the file; these lines are nearest.", shown)
    rival = next((s for s in scored if s[1] >= start + size or s[1] + s[2] <= start), None)
    if rival is not None and rival[0] > ratio - MARGIN:
        return _ambiguous(lines, [start, rival[1]], size)
    return _put(lines, start, size, wanted, new), "similar"


def _put(lines: list[str], start: int, size: int, wanted: list[str], new: list[str]) -> str:
    """Replace lines, shifting the new ones by the indentation that ``wanted`` lacks."""
    found = _first_indent(lines[start : start + size])
    given = _first_indent(wanted)
    shifted = new
    if found != given:
        shifted = [_shift(line, given, found) for line in new]
    return "\n".join([*lines[:start], *shifted, *lines[start + size :]])


def _shift(line: str, old: str, new: str) -> str:
    if not line.strip():
        return line
    if line.startswith(old):
        return new + line[len(old) :]
    indent = len(line) - len(line.lstrip())
    return new[: max(0, len(new) - (len(old) - indent))] + line.lstrip()


def _shifts_evenly(found: list[str], wanted: list[str]) -> bool:
    """True where the indentation differs by the same amount on every line."""
    differences = {
        len(a.expandtabs())
        - len(a.expandtabs().lstrip())
        - (len(b.expandtabs()) - len(b.expandtabs().lstrip()))
        for a, b in zip(found, wanted, strict=True)
        if a.strip()
    }
    return len(differences) <= 1


def _places(lines: list[str], wanted: list[str]) -> list[int]:
    size = len(wanted)
    return [
        i for i in range(len(lines) - size + 1) if lines[i] == wanted[0] and lines[i : i + size] == wanted
    ]


def _ambiguous(lines: list[str], places: list[int], size: int) -> EditFailure:
    where = " and ".join(str(place + 1) for place in places[:3])
    shown = tuple(line for place in places[:2] for line in numbered(lines, place, min(size, 4)))
    return EditFailure(
        f"The SEARCH part fits in more than one place (lines {where}); add lines around it.", shown
    )


def _trimmed(part: str) -> list[str]:
    """Lines without the empty ones at both ends."""
    lines = part.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _inner(line: str) -> str:
    """Indentation kept, other runs of blanks as one."""
    indent = line[: len(line) - len(line.lstrip())]
    return indent + " ".join(line.split())


def _first_indent(lines: list[str]) -> str:
    first = next((line for line in lines if line.strip()), "")
    return first[: len(first) - len(first.lstrip())]
