"""Has a model read a remark, in one short question with three fields; pure but for the asking.

The fields are those of CodeReviewQA (:mod:`core.remark.reading`), two of them choices among what there
is: a kind of change, and a line that was shown. Whatever the answer says beyond that is not looked at,
and the user confirms or corrects it before anything is searched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from core.context.prompt import fence, render, shorten
from core.errors import ModelError
from core.models.base import Capabilities, ChatRequest, JsonSchema, Message
from core.remark.places import file_of, shown_at
from core.search.base import AskModel, BudgetExhausted
from core.types import ChangeKind, FileDiff, RemarkPlace, Role, UnderstoodRemark

ANSWER_TOKENS: Final = 120
MOST_SOLUTION: Final = 240
_CODE_TOKENS: Final = 300
_MOST_LINES: Final = 40


async def ask_for_reading(
    remark: UnderstoodRemark, files: Sequence[FileDiff], language: str, ask: AskModel
) -> UnderstoodRemark:
    """The remark as the model reads it; as it was where the answer is none. Raises no ModelError."""
    lines = _numbered(remark.place, files)
    if not lines:
        return remark
    can = await ask.capabilities()
    request = _request(remark, lines, language, can)
    try:
        answer, _ = await ask("remark", request, None, Role.JUDGE)
    except (BudgetExhausted, ModelError):
        return remark
    return read_answer(answer, remark, [number for number, _ in lines])


def read_answer(answer: str, remark: UnderstoodRemark, lines: Sequence[int]) -> UnderstoodRemark:
    """The remark with what of an answer can be used: each field only where it is one of the choices."""
    start, end = answer.find("{"), answer.rfind("}")
    try:
        found = json.loads(answer[start : end + 1]) if start >= 0 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return remark
    reading = remark.reading
    kind, line, solution = (found.get(name) for name in ("kind", "line", "solution"))
    if isinstance(kind, str) and kind in set(ChangeKind):
        reading = replace(reading, kind=ChangeKind(kind))
    if isinstance(line, int) and line in lines:
        place = replace(reading.place, first=line, last=line)
        reading = replace(reading, place=place)
    if isinstance(solution, str) and (words := " ".join(solution.split())):
        # In the place of the user's own words it would decide; beside them it only explains.
        reading = replace(reading, solution=_beside(remark.text, words[:MOST_SOLUTION]))
    return replace(remark, reading=reading, by_model=True)


def _beside(text: str, solution: str) -> str:
    said = " ".join(text.split())
    if solution.lower().rstrip(".") in said.lower() or len(said) > MOST_SOLUTION:
        return said
    return f"{said.rstrip('.')}. That is: {solution}"


def _request(
    remark: UnderstoodRemark, lines: Sequence[tuple[int, str]], language: str, can: Capabilities
) -> ChatRequest:
    code = "\n".join(f"{number}: {text}" for number, text in lines)
    asked = render(
        "remark_read",
        place=remark.place.path or "the patch",
        code=fence(shorten(code, _CODE_TOKENS)),
        remark=fence(remark.text),
        kinds=", ".join(f'"{kind.value}"' for kind in ChangeKind),
    )
    schema = {
        "type": "object",
        "properties": {
            "kind": {"enum": [kind.value for kind in ChangeKind]},
            "line": {"enum": [number for number, _ in lines]},
            "solution": {"type": "string", "maxLength": MOST_SOLUTION},
        },
        "required": ["kind", "line", "solution"],
        "additionalProperties": False,
    }
    return ChatRequest(
        (Message("system", render("system", language=language)), Message("user", asked)),
        ANSWER_TOKENS,
        shape=JsonSchema(schema) if can.json_schema else None,
        think=False,
    )


def _numbered(place: RemarkPlace, files: Sequence[FileDiff]) -> list[tuple[int, str]]:
    """The lines that may be meant, as the candidate leaves them: those of the hunk, else of the place."""
    file = file_of(place, files)
    if file is None or not place.first:
        return []
    lines = file.after.split("\n")
    hunk = next((hunk for hunk in file.hunks if hunk.id == place.hunk), None)
    first, last = place.first, place.last
    if hunk is not None and shown_at(place, files):
        first, last = hunk.new_start, hunk.new_start + max(hunk.new_count, 1) - 1
    numbers = range(max(first, 1), min(last, len(lines)) + 1)
    return [(number, lines[number - 1]) for number in numbers][:_MOST_LINES]
