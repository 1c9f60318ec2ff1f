"""Where a remark is: lines of a file as the candidate leaves it, and the code that is shown. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from core.edits.functions import function_lines
from core.remark.mechanical import scope_at
from core.types import FileDiff, Hunk, RelPath, RemarkPlace


def resolve(place: RemarkPlace, files: Sequence[FileDiff]) -> RemarkPlace:
    """The place with its file and lines filled in, where it names a hunk; the whole patch where what it
    names is not in the patch. A test stays as it is."""
    if place.test:
        return place
    file = file_of(place, files)
    if file is None:
        return RemarkPlace()
    hunk = next((hunk for hunk in file.hunks if hunk.id == place.hunk), None)
    end = max(1, file.after.count("\n") + (not file.after.endswith("\n")))
    if place.first:
        first = min(place.first, end)
        last = min(max(place.last, first), end)
        if hunk is None:
            hunk = next((h for h in file.hunks if _in_hunk(h, first)), None)
        return RemarkPlace(file.path, first, last, hunk.id if hunk else "")
    if hunk is None:
        return RemarkPlace(file.path)
    first, last = changed_lines(hunk)
    return RemarkPlace(file.path, min(first, end), min(last, end), hunk.id)


def file_of(place: RemarkPlace, files: Sequence[FileDiff]) -> FileDiff | None:
    path = place.path or place.hunk.rpartition("#")[0]
    return next((file for file in files if file.path == path), None)


def changed_lines(hunk: Hunk) -> tuple[int, int]:
    """The first and the last line that a hunk adds, as they count afterwards; where it only removes, the
    line that now stands there, twice."""
    number, added, gap = hunk.new_start, [], hunk.new_start
    for line in hunk.lines:
        match line[:1]:
            case "+":
                added.append(number)
                number += 1
            case "-":
                gap = number
            case " ":
                number += 1
    return (added[0], added[-1]) if added else (max(1, gap), max(1, gap))


def shown_at(place: RemarkPlace, files: Sequence[FileDiff]) -> str:
    """What the user looks at there: the hunk, the lines, the file's diff or the whole diff, signed."""
    if place.first and not place.hunk:
        file = file_of(place, files)
        return "\n".join(lines_at(place, file)) if file else ""
    hunks = [
        hunk
        for file in files
        if file.path == (place.path or file.path)
        for hunk in file.hunks
        if hunk.id == (place.hunk or hunk.id)
    ]
    return "\n".join(line for hunk in hunks for line in hunk.lines)


def lines_at(place: RemarkPlace, file: FileDiff) -> list[str]:
    lines = file.after.split("\n")
    return lines[place.first - 1 : place.last] if place.first else lines


def function_at(place: RemarkPlace, text: str) -> str:
    """The dotted name of the function around the place's first line; empty outside of every function."""
    if not place.first or not place.path.endswith((".py", ".pyi")):
        return ""
    scope = scope_at(text, place.first)
    return scope if scope and function_lines(text, scope) else ""


def around(place: RemarkPlace, files: Sequence[FileDiff]) -> str:
    """The function at a place, before and after the patch, and its file's name; else what is shown."""
    file = file_of(place, files)
    if file is None:
        return shown_at(place, files)
    scope = function_at(place, file.after)
    spans = [(text, function_lines(text, scope)) for text in (file.before, file.after)]
    functions = ["\n".join(text.split("\n")[at[0] - 1 : at[1]]) for text, at in spans if at]
    return "\n".join([place.path, shown_at(place, files), *functions])


def find_elsewhere(
    names: Sequence[str],
    here: RemarkPlace,
    files: Sequence[FileDiff],
    repository: Mapping[RelPath, str],
    most: int = 3,
    *,
    within: bool = False,
) -> tuple[RemarkPlace, ...]:
    """Where ``names`` occur but here: hunks of the patch first, then lines of the repository. ``within``:
    also as a part of a longer name."""
    edge = "[A-Za-z]" if within else r"\w"
    patterns = [
        re.compile(rf"(?<!{edge}){re.escape(name)}(?!{edge})", re.IGNORECASE if within else 0)
        for name in names
        if name.strip()
    ]

    def hit(text: str) -> bool:
        return any(pattern.search(text) for pattern in patterns)

    found = [
        resolve(RemarkPlace(file.path, hunk=hunk.id), files)
        for file in files
        for hunk in file.hunks
        if hunk.id != here.hunk and (hit("\n".join(hunk.lines)) or hit(file.path))
    ]
    changed = {file.path for file in files}
    found.extend(_lines_with(hit, [path for path in repository if path not in changed], repository))
    return tuple(found[:most])


def _lines_with(
    hit: Callable[[str], bool], paths: Sequence[RelPath], texts: Mapping[RelPath, str]
) -> Iterator[RemarkPlace]:
    for path in paths:
        text = texts.get(path, "")
        if not hit(text):
            continue
        number = next((n for n, line in enumerate(text.split("\n"), 1) if hit(line)), 0)
        if number:
            yield RemarkPlace(path, number, number)


def _in_hunk(hunk: Hunk, line: int) -> bool:
    return hunk.new_start <= line < hunk.new_start + max(hunk.new_count, 1)


def place_words(place: RemarkPlace, files: Sequence[FileDiff]) -> str:
    """The code at a place, for a prompt: its lines afterwards where there are some, else the diff."""
    file = file_of(place, files)
    if file is not None and place.first:
        return "\n".join(lines_at(place, file))
    return shown_at(place, files)
