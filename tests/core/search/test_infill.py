"""The infill proposer, with fillings given by a small local function."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from core.models.base import Capabilities, CompletionRequest, Request
from core.models.embedded import EmbeddedModel
from core.models.guard import StreamGuard
from core.models.roles import ModelRoles
from core.search.base import BudgetExhausted, Draft, FixTask
from core.search.door import ModelDoor
from core.search.infill import InfillProposer
from core.search.meter import Meter
from core.testing.languages import Language, shipped
from core.types import Budget, Suspect, TestReport, TokenUsage
from tests.core.models.conftest import THREADS

SOURCE = """\
def area(w, h):
    size = w + h
    return size


def other():
    return 1
"""


class Fills:
    """Answers by a function of what comes before the gap and after it; keeps what was asked."""

    def __init__(self, answer: Callable[[str, str], str], limit: int = 10_000, infill: bool = True):
        self._answer = answer
        self._limit = limit
        self._can = Capabilities(infill=infill)
        self.requests: list[CompletionRequest] = []

    async def capabilities(self) -> Capabilities:
        return self._can

    async def __call__(
        self, proposer: str, request: Request, guard: StreamGuard | None = None
    ) -> tuple[str, TokenUsage]:
        assert isinstance(request, CompletionRequest)
        assert guard is not None
        if len(self.requests) == self._limit:
            raise BudgetExhausted
        self.requests.append(request)
        return self._answer(request.prompt, request.suffix or ""), TokenUsage(10, 2)


def task_for(source: str, *suspects: tuple[int, float], path: str = "m.py") -> FixTask:
    found = tuple(Suspect(path, line, score) for line, score in suspects)
    return FixTask((), TestReport((), (), 0.0), found, {path: source}, {}, ())


def drafts(task: FixTask, ask: Fills | None, count: int = 10_000) -> list[Draft]:
    async def collect() -> list[Draft]:
        found: list[Draft] = []
        async for draft in InfillProposer().propose(task, lambda: (), ask):
            found.append(draft)
            if len(found) == count:
                break
        return found

    return asyncio.run(collect())


def multiplied(before: str, after: str) -> str:
    return "size = w * h" if after.startswith("\n    return size") else ""


def test_the_suspect_line_is_masked_and_filled() -> None:
    ask = Fills(multiplied)
    draft = drafts(task_for(SOURCE, (2, 1.0)), ask)[0]
    assert draft.edits == {"m.py": SOURCE.replace("w + h", "w * h")}
    assert draft.title == "m.py:2 write size = w * h"
    first = ask.requests[0]
    assert first.prompt == "def area(w, h):\n    "
    assert first.suffix == "\n    return size\n", "what follows the function is not read"
    assert first.stop == ("\n",)


def test_greedy_comes_first_then_three_samples_with_different_seeds() -> None:
    ask = Fills(lambda before, after: "")
    drafts(task_for(SOURCE, (2, 1.0)), ask)
    lines = [r for r in ask.requests if r.stop == ("\n",) and r.prompt == "def area(w, h):\n    "]
    assert [(r.temperature, r.seed) for r in lines] == [(0.0, None), (0.8, 1), (0.8, 2), (0.8, 3)]
    greedy = [r.temperature == 0.0 for r in ask.requests]
    assert greedy.index(False) >= 4, "every line and gap is filled greedily before any sample"


def test_unsuspected_functions_are_left_alone() -> None:
    ask = Fills(lambda before, after: "pass")
    for draft in drafts(task_for(SOURCE, (2, 1.0)), ask):
        assert "def other():\n    return 1\n" in draft.edits["m.py"]


def test_the_same_idea_is_drafted_once_and_its_price_holds_the_fruitless_questions() -> None:
    ask = Fills(multiplied)
    first, *_ = found = drafts(task_for(SOURCE, (2, 1.0)), ask)
    assert first.tokens == TokenUsage(10, 2)
    texts = [draft.edits["m.py"] for draft in found]
    assert len(set(texts)) == len(texts) > 1
    assert found[1].tokens.completion > 2
    assert sum(draft.tokens.completion for draft in found) <= 2 * len(ask.requests)


def test_what_does_not_parse_or_changes_nothing_is_no_draft() -> None:
    assert drafts(task_for(SOURCE, (2, 1.0)), Fills(lambda before, after: "size = (w *")) == []
    assert drafts(task_for(SOURCE, (2, 1.0)), Fills(lambda before, after: "")) == []
    assert drafts(task_for(SOURCE, (2, 1.0)), Fills(lambda before, after: "...")) == []


def test_a_line_that_is_missing_is_inserted() -> None:
    source = "def head(a):\n    return a[0]\n"
    ask = Fills(lambda before, after: "if not a:\n        return None" if "return a[0]" in after else "")
    found = {draft.title: draft for draft in drafts(task_for(source, (2, 1.0)), ask)}
    draft = found["m.py:2 insert if not a: return None"]
    assert draft.edits == {"m.py": "def head(a):\n    if not a:\n        return None\n    return a[0]\n"}


def test_a_line_that_is_missing_at_the_end_of_a_function_is_added_there() -> None:
    source = "import math\n\n\ndef root(a):\n    b = math.sqrt(a)\n\n\ndef other():\n    return 1\n"
    ask = Fills(lambda before, after: "return b" if before.endswith("(a)\n    ") else "")
    draft = drafts(task_for(source, (5, 1.0)), ask)[0]
    assert draft.edits == {"m.py": source.replace("sqrt(a)\n", "sqrt(a)\n    return b\n")}
    assert not any("other" in request.suffix for request in ask.requests)


def test_the_most_suspicious_statements_are_worked_through_first_and_down_the_file() -> None:
    body = "".join(f"    x{n} = {n}\n" for n in range(30))
    source = f"def f():\n{body}"
    suspects = [(n, 1.0 if n % 2 else 0.5) for n in range(2, 26)]
    ask = Fills(lambda before, after: "", limit=12)
    assert drafts(task_for(source, *suspects), ask) == []
    lengths = [len(r.prompt) for r in ask.requests]
    assert lengths == sorted(lengths)
    assert all(r.prompt.count("\n") % 2 == 0 for r in ask.requests), "odd lines are more suspicious"


def test_a_model_that_cannot_fill_in_is_not_asked() -> None:
    ask = Fills(multiplied, infill=False)
    assert drafts(task_for(SOURCE, (2, 1.0)), ask) == []
    assert ask.requests == []
    assert drafts(task_for(SOURCE, (2, 1.0)), None) == []


def test_the_end_of_the_budget_ends_it_quietly() -> None:
    assert drafts(task_for(SOURCE, (2, 1.0)), Fills(multiplied, limit=0)) == []


def test_other_languages_are_filled_line_by_line() -> None:
    go = next(language for language in shipped() if language.name == "go")
    source = "package a\n\nfunc Area(w, h int) int {\n\treturn w + h\n}\n"
    task = _in(go, task_for(source, (4, 1.0), path="a.go"))
    ask = Fills(lambda before, after: "return w * h" if before.endswith("{\n\t") else "")
    (draft,) = drafts(task, ask)
    assert draft.edits == {"a.go": source.replace("w + h", "w * h")}


def test_a_python_file_that_does_not_parse_is_filled_until_it_does() -> None:
    source = "def area(w, h):\n    size = (w * h\n    return size\n"
    ask = Fills(lambda before, after: "size = w * h" if before == "def area(w, h):\n    " else "")
    (draft,) = drafts(task_for(source, (2, 1.0)), ask)
    assert draft.edits == {"m.py": source.replace("(w * h", "w * h")}


def _in(language: Language, task: FixTask) -> FixTask:
    return FixTask((), task.baseline, task.suspects, task.sources, {}, (), language)


@pytest.mark.model
@pytest.mark.slow
def test_the_embedded_model_repairs_a_line_and_reads_the_shared_prefix_once(model_file: Path) -> None:
    source = (
        "def count_vowels(text):\n"
        '    """How many letters of the text are vowels."""\n'
        "    count = 0\n"
        "    for letter in text:\n"
        '        if letter not in "aeiou":\n'
        "            count += 1\n"
        "    return count\n"
    )
    task = task_for(source, *((n, 1.0) for n in range(3, 8)))

    async def main() -> tuple[list[str], TokenUsage]:
        client = EmbeddedModel(model_file, "test", context=2048, threads=THREADS)
        meter = Meter(Budget(300.0))
        starting = asyncio.create_task(client.start())
        ask = ModelDoor(ModelRoles(client), meter, lambda body: None, starting)
        texts: list[str] = []
        try:
            async for draft in InfillProposer().propose(task, lambda: (), ask):
                texts.append(draft.edits["m.py"])
                if 'if letter in "aeiou' in texts[-1] or len(texts) == 12:
                    break
        finally:
            await client.close()
        return texts, meter.tokens

    texts, tokens = asyncio.run(main())
    assert 'if letter in "aeiou' in texts[-1]
    assert tokens.cached > tokens.prompt / 3
