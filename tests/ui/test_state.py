"""Interface state survives a restart and never stops one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ui.state import MAX_RECENT, UiState


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ui.json"
    state = UiState(path=path, side_by_side=False, hidden=["tests"])
    entry = state.remember("/r/ä b", "ä b", 12.5)
    entry.passed, entry.failed, entry.other = 3, 2, 1
    state.sizes["zones"] = [1, 2, 3]
    state.save()
    assert UiState.load(path) == state


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"recent": 3, "sizes": {"a": "b"}, "theme": "pink"}']
)
def test_a_broken_file_falls_back_to_defaults(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ui.json"
    path.write_text(content, encoding="utf-8")
    assert UiState.load(path) == UiState(path=path)


def test_a_broken_entry_does_not_cost_the_others(tmp_path: Path) -> None:
    path = tmp_path / "ui.json"
    path.write_text('{"recent": [{"path": "/a", "name": "a"}, 7, {"name": "b"}]}', encoding="utf-8")
    assert [entry.path for entry in UiState.load(path).recent] == ["/a"]


def test_writing_leaves_no_half_file_behind(tmp_path: Path) -> None:
    path = tmp_path / "ui.json"
    UiState(path=path).save()
    UiState(path=path, side_by_side=False).save()
    assert [child.name for child in tmp_path.iterdir()] == ["ui.json"]


def test_a_disk_that_refuses_is_ignored(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    UiState(path=blocked / "ui.json").save()
    assert blocked.read_text(encoding="utf-8") == "x"


def test_the_newest_repository_is_first_and_the_list_is_bounded() -> None:
    state = UiState()
    for number in range(MAX_RECENT + 3):
        state.remember(f"/r{number}", f"r{number}", number)
    state.remember("/r5", "r5", 99)
    assert state.recent[0].path == "/r5"
    assert len(state.recent) == MAX_RECENT
    assert len({entry.path for entry in state.recent}) == MAX_RECENT
