"""Proposer: a plan of what the function has to do comes first, the code after it.

Sources: C. Lei et al., "Planning-driven programming: a large language model programming workflow" (LPW),
2024, section 3 (plan; the plan is checked by hand on the visible tests; code after it); M. A. Islam,
M. E. Ali, M. R. Parvez, "CodeSim", 2025, section 3 (the plan is stepped through with a sample input). A
small model that has seen wrong code writes it again, so the body is hidden in every other round where the
function is short: then the plan comes from its name, its description and the failing test, and the code
from the plan, as in T. Sun et al., "UniCoder", ACL 2024.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Mapping
from typing import Final

from core.context.prompt import estimate_tokens, render
from core.edits.functions import function_lines, function_source
from core.models.base import ChatRequest, Message
from core.search.base import AskModel, BudgetExhausted, Draft, FixTask, TriedSoFar
from core.search.conversation import ask_for_draft
from core.search.focus import Focus, focuses, opening
from core.search.parents import Parent, best_parent
from core.search.splice import parse_quietly
from core.types import RelPath, Role, TokenUsage

PLAN_TOKENS: Final = 160
CHECK_TOKENS: Final = 160
HIDDEN_TOKENS: Final = 300
"""A longer function is not written anew without seeing it."""


class PlanProposer:
    """``rounds`` per function; ``check``: the plan is stepped through by hand before any code."""

    name = "plan"
    needs_model = True

    def __init__(self, rounds: int = 6, check: bool = False, temperature: float = 0.8) -> None:
        self._rounds = rounds
        self._check = check
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per usable answer; ends quietly when the budget is spent."""
        if ask is None:
            return
        try:
            for turn in range(self._rounds):
                for focus in focuses(task):
                    parent = best_parent(task, tried)
                    shown = without_body(parent.sources, focus) if turn % 2 == 0 else None
                    # A first round of each kind is greedy.
                    temperature = self._temperature if turn > 1 else 0.0
                    draft = await self._round(
                        task, focus, parent, shown, ask, temperature, turn if temperature else None
                    )
                    if draft is not None:
                        yield parent.extend(draft)
        except BudgetExhausted:
            return

    async def _round(
        self,
        task: FixTask,
        focus: Focus,
        parent: Parent,
        shown: Mapping[RelPath, str] | None,
        ask: AskModel,
        temperature: float,
        seed: int | None,
    ) -> Draft | None:
        subject, spent = focus.subject, TokenUsage()
        messages = opening(
            task, focus, shown or parent.sources, parent.failures, render("plan", subject=subject)
        )
        questions = [("", PLAN_TOKENS), *([("plan_check", CHECK_TOKENS)] if self._check else [])]
        for name, limit in questions:
            if name:
                messages = (*messages, Message("user", render(name, subject=subject)))
            request = ChatRequest(messages, limit, temperature, ("```",), seed)
            answer, usage = await ask(self.name, request, role=Role.JUDGE)
            spent += usage
            messages = (*messages, Message("assistant", answer.strip()))
        told = render("planned", subject=subject, kind=task.language.kind)
        return await ask_for_draft(
            self.name,
            ask,
            (*messages, Message("user", told)),
            focus,
            parent.sources,
            task.language,
            temperature,
            seed,
            spent=spent,
        )


def without_body(sources: Mapping[RelPath, str], focus: Focus) -> Mapping[RelPath, str] | None:
    """The texts with ``...`` for what a Python function does, its docstring kept; ``None`` where it is
    too long to be written without seeing it, or not found."""
    source = sources[focus.path]
    lines = function_lines(source, focus.function) if focus.function else None
    if lines is None or estimate_tokens(function_source(source, focus.function)) > HIDDEN_TOKENS:
        return None
    node = next(
        node
        for node in ast.walk(parse_quietly(source))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.end_lineno == lines[1]
        and min([node.lineno, *(d.lineno for d in node.decorator_list)]) == lines[0]
    )
    described = ast.get_docstring(node, clean=False) is not None
    rest = node.body[1:] if described else node.body
    if not rest or rest[0].lineno == node.lineno:
        return None
    text = source.split("\n")
    first = rest[0].lineno - 1
    indent = text[first][: len(text[first]) - len(text[first].lstrip())]
    return {**sources, focus.path: "\n".join([*text[:first], f"{indent}...", *text[lines[1] :]])}
