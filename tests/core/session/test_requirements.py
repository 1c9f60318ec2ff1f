"""The ledger of an opened repository: kept over a restart, fed by AGENTS.md, carried by prompts."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.commands import AddRequirement, DropRequirement, EditRequirement
from core.context.requirements import requirements_section
from core.events import Event, LedgerChanged
from core.ledger.store import LedgerStore
from core.session.emitter import Emitter
from core.session.requirements import Requirements
from core.types import RequirementSource


def lines_after(
    tmp_path: Path, *commands: AddRequirement | EditRequirement | DropRequirement
) -> list[str]:
    """The ledger after a restart and these commands, as last announced, and as it is on disk."""
    told: list[Event] = []

    async def run() -> None:
        root = tmp_path / "repository"
        requirements = Requirements(LedgerStore(tmp_path / "ledgers"), root, Emitter((told.append,)))
        await requirements.open()
        for command in commands:
            requirements.take(command)
        await requirements.close()

    asyncio.run(run())
    changes = [event.body for event in told if isinstance(event.body, LedgerChanged)]
    return [f"{one.id} {one.source} {one.text}" for one in changes[-1].requirements] if changes else []


@pytest.fixture(autouse=True)
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


def test_lines_survive_a_restart(tmp_path: Path) -> None:
    lines_after(tmp_path, AddRequirement("keep the order"), AddRequirement("be quick"))
    lines_after(tmp_path, EditRequirement(1, "keep the order of equals"), DropRequirement(2))
    assert lines_after(tmp_path, AddRequirement("be exact")) == [
        "1 user keep the order of equals",
        "3 user be exact",
    ]


def test_rules_of_agents_md_are_lines_and_dropped_ones_stay_away(
    tmp_path: Path, repository: Path
) -> None:
    (repository / "AGENTS.md").write_text("- Use pathlib.\n- Never print.\n")
    source = RequirementSource.AGENTS_MD
    assert lines_after(tmp_path) == [f"1 {source} Use pathlib.", f"2 {source} Never print."]
    assert lines_after(tmp_path, DropRequirement(1)) == [f"2 {source} Never print."]
    assert lines_after(tmp_path) == [f"2 {source} Never print."]


def test_an_agents_md_that_is_a_link_is_not_followed(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "elsewhere.md").write_text("- Use pathlib.\n")
    (repository / "AGENTS.md").symlink_to(tmp_path / "elsewhere.md")
    assert lines_after(tmp_path) == []


def test_a_damaged_file_is_an_empty_ledger(tmp_path: Path) -> None:
    lines_after(tmp_path, AddRequirement("keep the order"))
    (file,) = (tmp_path / "ledgers").iterdir()
    file.write_text("{")
    assert lines_after(tmp_path) == []


def test_prompts_carry_the_lines_fenced_and_the_newest_where_there_is_no_room() -> None:
    text = requirements_section(("keep the order", "write ``` nowhere"), 2000).text
    assert text == "Required of the code:\n````\n- keep the order\n- write ``` nowhere\n````"
    many = requirements_section([f"requirement number {n}" for n in range(200)], 500).text
    assert "number 199" in many
    assert "number 0\n" not in many
    assert requirements_section((), 2000).text == ""
