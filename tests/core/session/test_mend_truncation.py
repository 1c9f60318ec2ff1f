"""From a prompt that a server has cut short, by the remedy's button, to prompts that it reads whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.paths import find_paths
from app.services import AppServices, settings_from
from core.events import Event, ModelAsked, Noticed, PromptDropped, TroubleRaised
from core.session.emitter import Emitter
from core.session.session import Session
from core.types import Budget
from tests.core.models.servers import serve
from tests.core.models.test_truncation import dropping
from tests.repositories import commit_repository

READS = 300
"""Tokens of a prompt that the server reads; three characters are one."""
SOURCE = (
    "def total(values):\n"
    + "".join(f"    # Step {n} of many, as a long function has them.\n" for n in range(40))
    + "    return values\n"
)
TEST = "from calc import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"


async def yes(request: object) -> bool:
    return True


def prompts(events: list[Event]) -> list[int]:
    return [len(e.body.prompt) for e in events if isinstance(e.body, ModelAsked)]


def test_the_button_of_the_trouble_keeps_prompts_under_what_the_server_reads_in_later_runs_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = commit_repository(tmp_path / "repo", {"calc.py": SOURCE, "test_calc.py": TEST})
    home = find_paths(str(tmp_path / "home"))
    settings = settings_from("host", "openai:m", proposers=("direct",), set_up=False)

    async def fix_once(*, mend: bool) -> list[Event]:
        events: list[Event] = []
        session = Session(AppServices(home), settings, Emitter((events.append,)), yes)
        try:
            await session.open(str(root))
            await session.run_tests()
            await session.fix((), Budget(seconds=8.0))
            if mend:
                await session.models.mend_truncation()
        finally:
            await session.close()
        return events

    async def work() -> None:
        async with serve(dropping(READS, has_tokenizer=True)) as address:
            monkeypatch.setenv("OPENAI_BASE_URL", f"{address}/v1")
            monkeypatch.setenv("OPENAI_API_KEY", "a key of the test")
            before = await fix_once(mend=True)
            (dropped,) = [e.body for e in before if isinstance(e.body, PromptDropped)]
            assert dropped.counted <= READS < dropped.sent
            (trouble,) = [e.body for e in before if isinstance(e.body, TroubleRaised)]
            assert trouble.remedies[0].action == "mend_truncation"
            told = [e.body.sentence for e in before if isinstance(e.body, Noticed)]
            assert any("gets prompts of at most" in sentence for sentence in told)
            after = await fix_once(mend=False)
            assert max(prompts(after)) < max(prompts(before))

    asyncio.run(work())
    assert f"prompt = {READS}" in (home.config / "models.toml").read_text()
