"""Proposer: the most similar function of the same repository is the sketch that the fix is made after.

Sources: J. Li et al., "SkCoder: a sketch-based approach for automatic code generation", ICSE 2023,
section 3: retrieve what is similar, keep what matters here, edit it into what is wanted; J. Li et al.,
"AceCoder", 2023, section 3: similar programs as examples in the prompt. Their sketcher is a trained
network; ours is the retrieved function without its docstring and comments. That a project repeats
itself, and that a fix is often written elsewhere in it, is what repair by similar code stands on (J.
Jiang et al., "Shaping program repair space with existing patches and similar code", ISSTA 2018).
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator
from typing import Final

from core.context.prompt import estimate_tokens, fence, render
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, TriedSoFar
from core.search.conversation import ask_for_draft
from core.search.focus import Focus, focuses, opening
from core.search.parents import best_parent
from core.search.splice import parse_quietly

MOST_TOKENS: Final = 300
"""Of a sketch; more of it is no sketch."""


class SiblingsProposer:
    """``each`` similar functions are tried for a suspect one, greedily, then ``samples`` times."""

    name = "siblings"
    needs_model = True

    def __init__(self, each: int = 2, samples: int = 2, temperature: float = 0.8) -> None:
        self._each = each
        self._samples = samples
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per usable answer; nothing where nothing similar is known."""
        if ask is None:
            return
        places = [(focus, self._sketches(task, focus)) for focus in focuses(task)]
        try:
            for turn in range(self._samples + 1):
                for focus, sketches in places:
                    for sketch in sketches:
                        parent = best_parent(task, tried)
                        question = render(
                            "sibling",
                            subject=focus.subject,
                            kind=task.language.kind,
                            sketch=fence(sketch, task.language.kind),
                        )
                        draft = await ask_for_draft(
                            self.name,
                            ask,
                            opening(task, focus, parent.sources, parent.failures, question),
                            focus,
                            parent.sources,
                            task.language,
                            self._temperature if turn else 0.0,
                            turn or None,
                        )
                        if draft is not None:
                            yield parent.extend(draft)
        except BudgetExhausted:
            return

    def _sketches(self, task: FixTask, focus: Focus) -> list[str]:
        facts = task.facts.get((focus.path, focus.function))
        found = [sketch(one.text) for one in facts.similar] if facts else []
        return [text for text in found if estimate_tokens(text) <= MOST_TOKENS][: self._each]


def sketch(code: str) -> str:
    """A function without what is said in it; as it is where it does not parse."""
    try:
        tree = parse_quietly(code)
    except SyntaxError:
        return code
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            described = ast.get_docstring(node, clean=False) is not None
            node.body = node.body[1:] if described and len(node.body) > 1 else node.body
    return ast.unparse(tree)
