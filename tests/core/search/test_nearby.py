"""What an embedding model finds for a prompt, and what that costs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.models.base import Capabilities, ModelInfo, Vector
from core.search.focus import WHOLE_FILE_TOKENS, focuses, opening
from core.search.meter import Meter
from core.search.nearby import find_nearby, similarity
from core.types import Budget, Role
from tests.core.search.test_model_proposers import FAILURE, TASK

FILLER = "".join(f"def filler_{n}(a):\n    return a + {n}\n\n\n" for n in range(60))
HELPER = "def six(w, h):\n    return 'assert 5 == 6'\n"
LARGE = TASK.sources["shapes.py"] + "\n\n" + FILLER + HELPER


class Words:
    """Vectors that count a few words."""

    info = ModelInfo("embed", "an embedder", capabilities=Capabilities(chat=False, embeddings=True))

    async def embed(self, texts: Sequence[str]) -> tuple[Vector, ...]:
        words = ("assert", "5 == 6", "filler")
        return tuple(tuple(float(text.count(word)) for word in words) for text in texts)


def test_the_nearest_function_is_shown_where_the_file_is_too_large_and_the_role_is_metered() -> None:
    task = replace(TASK, sources={"shapes.py": LARGE})
    meter = Meter(Budget(10.0))
    # Beyond the first 64 functions nothing is looked at; the helper is among them.
    found = asyncio.run(find_nearby(Words(), meter, task))  # type: ignore[arg-type]
    assert found["shapes.py"][0] == HELPER
    assert [row.role for row in meter.roles] == [Role.EMBED]
    assert len(LARGE) / 3.5 > WHOLE_FILE_TOKENS
    place = focuses(task)[0]
    plain = opening(task, place, task.sources, (FAILURE,), "Fix it.")[1].content
    helped = opening(replace(task, nearby=found), place, task.sources, (FAILURE,), "Fix it.")[1].content
    assert "def six" not in plain
    assert "def six" in helped
    assert helped.startswith(plain[: plain.index("The test:")])


def test_no_vectors_are_asked_for_where_the_budget_has_no_room() -> None:
    task = replace(TASK, sources={"shapes.py": LARGE})
    meter = Meter(Budget(10.0, tokens=20))
    assert asyncio.run(find_nearby(Words(), meter, task)) == {}  # type: ignore[arg-type]
    assert meter.roles == ()


def test_similarity_is_the_cosine() -> None:
    assert similarity((1.0, 0.0), (2.0, 0.0)) == pytest.approx(1.0)
    assert similarity((1.0, 0.0), (0.0, 3.0)) == 0.0
    assert similarity((0.0, 0.0), (0.0, 3.0)) == 0.0
