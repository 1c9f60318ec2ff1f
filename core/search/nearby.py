"""Functions that are near a failure in meaning, by the vectors of the embedding model, if there is one.

A file that is too large to be shown whole hides the helpers that a suspect function calls or resembles;
the nearest ones are offered to the prompt, which takes them while there is room.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from core.context.digest import digest_failures
from core.edits.functions import function_names, function_source
from core.models.base import ModelClient, Vector
from core.models.estimate import estimate_tokens
from core.search.base import FixTask
from core.search.meter import Meter
from core.types import RelPath, Role, TokenUsage

_MOST_FUNCTIONS: Final = 64
_KEPT: Final = 4
_LONGEST: Final = 1600
"""Characters of a function that are looked at; a vector of more says less."""


async def find_nearby(
    embedder: ModelClient, meter: Meter, task: FixTask
) -> Mapping[RelPath, tuple[str, ...]]:
    """For each suspect file the sources of its functions, nearest first; empty where the budget has no
    room. Raises ModelError."""
    places: list[tuple[RelPath, str]] = []
    for path in dict.fromkeys(suspect.path for suspect in task.suspects if suspect.path in task.sources):
        source = task.sources[path]
        names = (name for name in function_names(source) if "." not in name)
        places += [(path, function_source(source, name)) for name in names]
    places = places[:_MOST_FUNCTIONS]
    if len(places) <= 1:
        return {}
    texts = [digest_failures(task.failures), *(code[:_LONGEST] for _, code in places)]
    tokens = sum(estimate_tokens(text) for text in texts)
    spec = embedder.info.spec
    if not meter.answer_tokens(spec, tokens, 1):
        return {}
    question, *vectors = await embedder.embed(texts)
    meter.add(Role.EMBED, spec, TokenUsage(tokens, estimated=True))
    order = sorted(range(len(places)), key=lambda i: -similarity(question, vectors[i]))
    found: dict[RelPath, list[str]] = {}
    for index in order:
        path, code = places[index]
        found.setdefault(path, []).append(code)
    return {path: tuple(codes[:_KEPT]) for path, codes in found.items()}


def similarity(one: Vector, other: Vector) -> float:
    """The cosine of the angle between two vectors; 0 where one of them has no length."""
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0
