"""The words of a request: how much of them is kept, and which of them ask for something else. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from core.errors import UsageError
from core.types import Remedy

MOST_CHARACTERS: Final = 6_000
"""About a thousand words: more leaves a small model no room for the code."""

_BETWEEN: Final = (
    r"(?:\s+(?:the|this|that|these|those|all|any|every|each|both|my|our|its|a|an|of|for|in|\w+ing|\w+ed|red|two|three|\d+|(?!when\b)\w+en|"
    r"flaky|slow|old|der|die|das|den|dem|alle|diese[nrs]?|meine|le|la|les|los|las|el|tous|toutes|todos|todas|"
    r"ce|ces|ese|esta|este|estos|estas))*"
)
_TESTS: Final = (
    r"\s+[`\"']?(?:tests?|test\s+cases?|testcases?|test_\w+|[\w./-]*test_\w+\.py\S*|assert(?:ion)?s?|"
    r"tests?uite|prueba?s?|aserci\w+)\b"
    r"(?!\s+(?:files?|data|folders?|director\w+|modules?|users?|accounts?|runs?|mode|names?|ids?)\b)"
)
_VERBS: Final = (
    r"skip|delete|remove|disable|deactivate|ignore|comment\s+out|weaken|loosen|relax|xfail|mute|silence|"
    r"turn\s+off|drop|bypass|get\s+rid\s+of|cheat|"
    r"l(?:ö|oe)sche?|entferne?|(?:ü|ue)berspring\w*|deaktivier\w*|ignoriere?|schw(?:ä|ae)ch\w*|"
    r"supprim\w*|d(?:é|e)sactiv\w*|ignorez?|saute[rz]?|affaibli\w*|"
    r"elimin\w*|borr[ae]\w*|desactiv\w*|omit[ae]\w*|salt[ae]\w*"
)
_WEAKEN: Final = re.compile(rf"\b(?:{_VERBS}){_BETWEEN}{_TESTS}", re.IGNORECASE)
_REWRITE: Final = re.compile(
    rf"\b(?:change|edit|adjust|adapt|update|modify|rewrite|(?:ä|ae)nder\w*|modifi\w*|cambi\w*){_BETWEEN}"
    rf"{_TESTS}.{{0,40}}?\b(?:so\s+(?:that\s+)?(?:it|they)|to|until|damit|pour\s+qu|para\s+que)\b.{{0,12}}?"
    r"(?:pass|succeed|green|gr(?:ü|ue)n|passe|pase)",
    re.IGNORECASE | re.DOTALL,
)
_NOT: Final = re.compile(
    r"(?:\bnot|n't|\bnever|\bwithout|\bnicht|\bkeine?n?|\bne|\bsans|\bno|\bnunca|\bsin|\bnie)\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"^\W*(?:why|what|where|who|when|which|how\s+(?:does|do|is|are|many|much)|warum|wieso|was|wo|pourquoi|"
    r"qu'est|por\s+qu(?:é|e)|qu(?:é|e))\b[^.!]*\?\s*$",
    re.IGNORECASE,
)
_QUOTES: Final = str.maketrans(
    {
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{DOUBLE LOW-9 QUOTATION MARK}": '"',
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{NO-BREAK SPACE}": " ",
    }
)


@dataclass(frozen=True, slots=True)
class Words:
    """``text`` is what is kept of a request; ``notice`` says in a sentence what is not, if anything."""

    text: str
    notice: str = ""


def read_words(text: str) -> Words:
    """The words of a request as they are worked with. Raises UsageError for one that is empty, is a
    question, or asks for weaker tests."""
    kept = text.translate(_QUOTES).replace("\r\n", "\n").strip()
    if not re.search(r"\w", kept):
        raise UsageError(
            "request.empty",
            "A request needs words, such as: slugify should keep digits, slugify('A 1') == 'a-1'.",
        )
    if weak := weakens(kept):
        raise UsageError(
            "request.weakens",
            f"This asks for weaker tests ({weak}), and Greenbar never makes tests pass that way.",
            (Remedy("Fix the code instead", action="fix"),),
            "A verdict is taken with the tests as they are. What a candidate does to a test stands in a "
            "lane of its own in the review, off until you turn it on by hand. If the test is wrong, "
            "change it yourself and run the tests again, or say what the code should do instead.",
        )
    if _QUESTION.match(kept):
        raise UsageError(
            "request.question",
            "This is a question, and a request says what should change.",
            (Remedy("Ask about the code", action="ask"),),
        )
    notice = ""
    if len(kept) > MOST_CHARACTERS:
        whole, kept = kept, _cut(kept)
        notice = (
            f"The request has {len(whole.split()):,} words. The first {len(kept.split()):,} are kept, "
            "the rest is left out; put long material into a file and mention it."
        )
    return Words(kept, notice)


def weakens(text: str) -> str:
    """The words that ask to delete, skip or loosen a test, or to change it so that it passes; empty where
    there are none."""
    for pattern in (_WEAKEN, _REWRITE):
        for found in pattern.finditer(text):
            if not _NOT.search(text[: found.start()]):
                return f'"{" ".join(found[0].split())}"'
    return ""


def _cut(text: str) -> str:
    """The first part, up to a blank between words."""
    head = text[:MOST_CHARACTERS]
    return head.rsplit(None, 1)[0] if not text[MOST_CHARACTERS].isspace() else head.rstrip()
