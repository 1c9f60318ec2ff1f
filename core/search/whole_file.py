"""Proposer: the whole file and what fails go to the model, the whole file comes back; n samples.

The plain baseline of the field, kept for comparison: no suspects but for the choice of the file, no
context, no second look at an answer (Chen et al., "Evaluating large language models trained on code",
2021, section 2.1, pass@k by repeated sampling). The strategy *best-of-n* is this proposer alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import PurePosixPath
from typing import Final

from core.context.digest import digest_failures
from core.context.prompt import estimate_tokens, fence, named, render
from core.context.refused import refused_section
from core.context.requirements import requirements_section
from core.edits.answer import last_code
from core.edits.elision import find_elision
from core.models.base import ChatRequest, Message
from core.search.base import AskModel, Draft, FixTask, TriedSoFar
from core.search.conversation import CLOSING_FENCE
from core.types import RelPath

MOST_TOKENS: Final = 3000
"""Of a file: question and answer have to fit into a small model's context together."""
MOST_FILES: Final = 2
_ROOM: Final = 160
"""Tokens that an answer may have beyond those of the file."""


class WholeFileProposer:
    """``samples`` for each file, all at ``temperature``."""

    name = "whole_file"
    needs_model = True

    def __init__(self, samples: int = 64, temperature: float = 0.8) -> None:
        self._samples = samples
        self._temperature = temperature

    async def propose(
        self, task: FixTask, tried: TriedSoFar, ask: AskModel | None
    ) -> AsyncIterator[Draft]:
        """Yield one draft per answer that is a whole file. Raises BudgetExhausted, ModelError."""
        if ask is None:
            return
        suspected = dict.fromkeys(s.path for s in task.suspects if s.path in task.sources)
        small = [path for path in suspected if estimate_tokens(task.sources[path]) <= MOST_TOKENS]
        for seed in range(1, self._samples + 1):
            for path in small[:MOST_FILES]:
                request = _request(task, path, self._temperature, seed)
                answer, usage = await ask(self.name, request)
                text = _whole(answer, task.sources[path])
                if text is not None:
                    title = f"{PurePosixPath(path).name} written anew (sample {seed})"
                    yield Draft(title, {path: text}, usage)


def _request(task: FixTask, path: RelPath, temperature: float, seed: int) -> ChatRequest:
    source = task.sources[path]
    kind = task.language.kind
    required = requirements_section(task.requirements, task.profile.prompt_tokens).text
    refused = refused_section(task.refused, task.profile.prompt_tokens).text
    parts = (
        *([required] if required else ()),
        *([refused] if refused else ()),
        render("source", path=named(path), source=fence(source, kind)),
        render("failure", digest=fence(digest_failures(task.failures))),
        render("direct", subject=f"file `{path}`", kind=kind),
    )
    messages = (
        Message("system", render("system", language=task.language.spoken)),
        Message("user", "\n\n".join(parts)),
    )
    limit = estimate_tokens(source) * 5 // 4 + _ROOM
    return ChatRequest(messages, limit, temperature, (CLOSING_FENCE,), seed)


def _whole(answer: str, source: str) -> str | None:
    """The last block of code as the file's new text; ``None`` where there is none, or a part of it."""
    code = last_code(answer)
    if not code.strip() or find_elision(code, source):
        return None
    return code.rstrip("\n") + "\n"
