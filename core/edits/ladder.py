"""Search and replace with a forgiving ladder: exact, whitespace, indentation, anchored, nearest. Pure.

Each rung looks for one place only. Where a rung finds several, the line that the answer names decides
if it is clearly nearer to one; else the edit fails and says so, it never guesses. The anchored rung takes
lines that are about where the answer says, somewhat alike, and as alike as any others; the last one the
most similar window of lines above :data:`SIMILAR` (:class:`difflib.SequenceMatcher` ratio), if no other,
apart from it, comes near.

Lines that an answer only quotes stay as they are in the file, however they were quoted.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Final

from core.edits.values import EditFailure, numbered

SIMILAR: Final = 0.85
ANCHORED: Final = 0.6
"""The same for lines that are where the answer says, or within :data:`NEAR` lines of it."""
NEAR: Final = 3
MARGIN: Final = 0.03
"""How much better than the next place the nearest one must be."""


def replace_once(
    text: str, search: str, replace: str, hint: int | None = None, *, verbatim: bool = False
) -> tuple[str, str] | EditFailure:
    """Put ``replace`` where ``search`` stands. Gives the new text and the rung that was needed.

    Newlines are ``\\n``. Whole lines are compared; the final newline of ``text`` is kept as it is.
    ``hint`` is the line (from 1) at which the answer says that it is; it is believed only as far as the
    text there agrees. ``verbatim``: each line of both parts ends with a newline, and blank lines at
    their ends count, if the text has them.
    """
    lines = text.split("\n")
    if verbatim and search.strip():
        whole, instead = search.split("\n")[:-1], replace.split("\n")[:-1]
        place = _choose(_places(lines, whole), hint)
        if place is not None:
            return "\n".join([*lines[:place], *instead, *lines[place + len(whole) :]]), "exact"
    wanted, new = _trimmed(search), _trimmed(replace)
    if not wanted:
        return EditFailure("The SEARCH part is empty, so there is no place to edit.")
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
        place = _choose(places, hint)
        if place is not None:
            return _put(lines, place, len(wanted), wanted, new), rung
        if places:
            return _ambiguous(lines, places, len(wanted))
    return _nearest(lines, wanted, new, hint)


def _choose(places: list[int], hint: int | None) -> int | None:
    """The only place, or the one that the hint is clearly nearer to: less than half as far."""
    if len(places) < 2:
        return places[0] if places else None
    if hint is None:
        return None
    first, second = sorted(places, key=lambda place: abs(place + 1 - hint))[:2]
    return first if 2 * abs(first + 1 - hint) < abs(second + 1 - hint) else None


def _nearest(
    lines: list[str], wanted: list[str], new: list[str], hint: int | None
) -> tuple[str, str] | EditFailure:
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
    near = [s for s in scored if hint is not None and abs(s[1] + 1 - hint) <= NEAR]
    if near and ratio - near[0][0] < MARGIN and near[0][0] >= ANCHORED:
        ratio, start, size = near[0]
        return _put(lines, start, size, wanted, new), "anchored"
    if ratio < SIMILAR:
        shown = numbered(lines, start, size)
        return EditFailure("The SEARCH part does not occur in the file; these lines are nearest.", shown)
    rival = next((s for s in scored if s[1] >= start + size or s[1] + s[2] <= start), None)
    if rival is not None and rival[0] > ratio - MARGIN:
        return _ambiguous(lines, [start, rival[1]], size)
    return _put(lines, start, size, wanted, new), "similar"


def _put(lines: list[str], start: int, size: int, wanted: list[str], new: list[str]) -> str:
    """Replace lines, shifting the new ones by the indentation that ``wanted`` lacks. Lines that both
    parts have stay as they are in the file."""
    found = lines[start : start + size]
    same = SequenceMatcher(None, wanted, new, autojunk=False).get_matching_blocks()
    aligned = len(found) == len(wanted)
    # Where lines go, their own indentation tells the shift; those that stay may be quoted carelessly.
    stay = {block.a + n for block in same for n in range(block.size)} if aligned else set()
    first = next((n for n, line in enumerate(wanted) if line.strip() and n not in stay), 0)
    given, own = (wanted[first:], found[first:]) if aligned else (wanted, found)
    put = [_shift(line, _first_indent(given), _first_indent(own)) for line in new]
    for block in same if aligned else ():
        put[block.b : block.b + block.size] = found[block.a : block.a + block.size]
    return "\n".join([*lines[:start], *put, *lines[start + size :]])


def _shift(line: str, old: str, new: str) -> str:
    """``line``, whose surroundings are indented by ``old``, for surroundings indented by ``new``."""
    if old == new or not line.strip():
        return line
    if line.startswith(old):
        rest = line[len(old) :]
        deeper = rest[: len(rest) - len(rest.lstrip())]
        if new and not new.strip("\t") and deeper and not deeper.strip(" "):
            # The file is indented with tabs, the answer with blanks.
            width = max(1, len(old) // len(new)) if old and not old.strip(" ") else 4
            return new + "\t" * max(1, round(len(deeper) / width)) + rest.lstrip()
        return new + rest
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
