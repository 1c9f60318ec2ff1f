"""What a model is asked about a request: to say it again in short, and for checks of it. Pure.

Questions are short and answers shorter, for a small model; request and code stand fenced, as data. A
restatement that loses a name or a number of the request is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from core.context.prompt import Section, assemble, fence, named, render
from core.context.requirements import requirements_section
from core.edits.answer import last_code
from core.edits.functions import function_source
from core.models.base import ChatRequest, Message
from core.request.examples import Example, examples_of_code, literal
from core.request.places import Place
from core.search.conversation import CLOSING_FENCE

RESTATE_TOKENS: Final = 90
CHECK_TOKENS: Final = 260
MOST_CHARACTERS: Final = 320
"""Of a restated task: two lines."""
_PROMPT_TOKENS: Final = 1_400
_MARKS: Final = re.compile(
    r"`[^`\n]+`|\b\w*(?:_|\.)\w+\b|\b\w+\(|(?<![\w.])-?\d+(?:\.\d+)?|'[^'\n]*'|\"[^\"\n]*\""
)
"""What a restatement may not lose: code, names, numbers, quotations."""


def restating(text: str) -> ChatRequest:
    """Asks to say a request again in one or two sentences."""
    return ChatRequest(
        _messages(render("restate", request=fence(text))), RESTATE_TOKENS, 0.0, ("\n\n", "```")
    )


def restated(answer: str, request: str) -> str:
    """The task as the model says it; the request's own words where it says nothing fit to be used: it is
    too long, or lacks a name, a number or a quotation that the request has."""
    own = shortened(request)
    said = " ".join(answer.strip().strip('`"').split())
    said = re.sub(r"^(?:the\s+)?task\s*(?:is)?\s*:\s*", "", said, flags=re.IGNORECASE)
    if not said or len(said) > MOST_CHARACTERS or "`" * 3 in said:
        return own
    marks = {mark.strip("`'\"(") for mark in _MARKS.findall(request)}
    return own if any(mark and mark not in said for mark in marks) else said


def shortened(request: str) -> str:
    """A request's own words on one line, up to the end of a sentence where it is long."""
    text = " ".join(request.split())
    if len(text) <= MOST_CHARACTERS:
        return text
    head = text[:MOST_CHARACTERS]
    end = max(head.rfind(". "), head.rfind("; "))
    return head[: end + 1] if end > MOST_CHARACTERS // 2 else f"{head.rsplit(' ', 1)[0]} ..."


def checking(
    task: str,
    place: Place,
    source: str,
    test: str,
    requirements: Sequence[str],
    temperature: float = 0.0,
    seed: int | None = None,
) -> ChatRequest:
    """Asks for checks of a task. ``test`` is one that the repository has, for the way of calling."""
    name = place.function.rpartition(".")[2]
    subject = f"`{place.function}`" if name else "the code"
    sections = [
        Section(render("source", path=named(place.path), source=fence(_shown(source, place), "python"))),
        Section(render("test", test=fence(test, "python")) if test else "", required=False, worth=1),
        requirements_section(requirements, _PROMPT_TOKENS),
        Section(render("request", request=fence(task))),
    ]
    missing = f" {subject} is not written yet." if place.is_missing else ""
    question = render("checks", subject=subject, missing=missing, example=f"{name or 'name'}(...)")
    body = assemble(sections, _PROMPT_TOKENS)
    messages = _messages(f"{body}\n\n{question}")
    return ChatRequest(messages, CHECK_TOKENS, temperature, (CLOSING_FENCE,), seed)


def checks_in(answer: str) -> tuple[Example, ...]:
    """The checks of an answer, from its last block of code or, without one, from all of it."""
    return examples_of_code(last_code(answer) or answer)


def expecting(task: str, place: Place, source: str, calls: Sequence[str], seed: int) -> ChatRequest:
    """Asks what calls give once the task is done, sampled: a reading of the task."""
    sections = [
        Section(render("source", path=named(place.path), source=fence(_shown(source, place), "python"))),
        Section(render("request", request=fence(task))),
    ]
    question = render("readings", calls=fence("\n".join(calls), "python"))
    body = assemble(sections, _PROMPT_TOKENS)
    limit = 30 * len(calls) + 40
    return ChatRequest(_messages(f"{body}\n\n{question}"), limit, 0.8, (CLOSING_FENCE,), seed)


def expected_in(answer: str, calls: Sequence[str]) -> dict[str, str]:
    """What an answer says of the calls that it was asked about, as literals."""
    text = last_code(answer) or answer
    found: dict[str, str] = {}
    for example in examples_of_code(text):
        if example.call in calls and example.expected:
            found.setdefault(example.call, example.expected)
    for line in text.splitlines():
        for call in calls:
            if call not in found and line.strip().startswith(call):
                rest = line.strip()[len(call) :].lstrip(" =->:#")
                if (value := literal(rest.split("  #", 1)[0])) is not None:
                    found[call] = value
    return found


def _shown(source: str, place: Place) -> str:
    """The function, or the file's beginning where there is none yet."""
    code = function_source(source, place.function) if place.function and not place.is_missing else ""
    return code or source[:2_500]


def _messages(question: str) -> tuple[Message, ...]:
    return Message("system", render("system_request")), Message("user", question)
