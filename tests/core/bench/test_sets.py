"""Reading task sets: what is wrong is named with its place, the rest is taken as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.bench.sets import choose_tasks, load_set, with_truth
from core.bench.truth import fault_lines
from core.bench.values import BenchTask
from core.errors import UsageError
from tests.repositories import commit_repository


def written(path: Path, *entries: object) -> Path:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def test_a_task_of_our_own_format_is_read_whole(tmp_path) -> None:
    entry = {
        "id": "a/b",
        "kind": "operator",
        "files": {"m.py": "x = 1\ny = 2\n"},
        "held_out": {"test_more.py": ""},
        "fixed": {"m.py": "x = 1\ny = 3\n"},
        "targets": ["test_m.py"],
        "source": "nowhere",
        "difficulty": "is not ours to read",
    }
    (task,) = load_set(written(tmp_path / "set.jsonl", entry))
    assert (task.id, task.kind, task.targets, task.source) == (
        "a/b",
        "operator",
        ("test_m.py",),
        "nowhere",
    )
    assert task.files == entry["files"]
    assert task.truth == {"m.py": (2,)}


def test_a_json_list_is_as_good_as_lines(tmp_path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps([{"id": "a", "files": {"m.py": ""}}, {"id": "b", "repository": "/r"}]))
    assert [task.id for task in load_set(path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 2: it is not JSON"),
        ("3", "line 2: it is no JSON object"),
        ('{"id": "b"}', "line 2: it has none of the formats"),
        ('{"files": {"m.py": ""}}', "line 2: 'id' is missing"),
        ('{"id": 3, "files": {"m.py": ""}}', "line 2: 'id' is no text"),
        ('{"id": "b", "files": ["m.py"]}', "line 2: 'files' does not map paths to texts"),
        ('{"id": "b", "files": {"m.py": ""}, "repository": "/r"}', "either files or a repository"),
        ('{"id": "b", "files": {"m.py": ""}, "lines": {"m.py": [0]}}', "lists of line numbers"),
        ('{"id": "a", "files": {"m.py": ""}}', "Two tasks in .* are called a"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, words) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "a", "files": {"m.py": ""}}\n' + line + "\n")
    with pytest.raises(UsageError) as caught:
        load_set(path)
    assert re.search(words, caught.value.sentence)


def test_an_empty_set_and_one_that_is_not_there_are_told_apart(tmp_path) -> None:
    with pytest.raises(UsageError, match="There is no task set"):
        load_set(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="There is no task in"):
        load_set(written(tmp_path / "set.jsonl"))


TASKS = tuple(BenchTask(f"set/{name}", files={"m.py": ""}) for name in ("one", "two", "three", "four"))


def test_tasks_are_chosen_by_whole_or_short_names() -> None:
    assert [t.id for t in choose_tasks(TASKS, ("t*", "set/one"))] == ["set/one", "set/two", "set/three"]
    with pytest.raises(UsageError, match="No task is called five"):
        choose_tasks(TASKS, ("five",))


def test_a_limit_draws_the_same_tasks_for_the_same_seed() -> None:
    drawn = {seed: choose_tasks(TASKS, limit=2, seed=seed) for seed in range(8)}
    assert drawn[3] == choose_tasks(TASKS, limit=2, seed=3)
    assert len({tuple(task.id for task in chosen) for chosen in drawn.values()}) > 1
    assert all([*chosen] == [t for t in TASKS if t in chosen] for chosen in drawn.values())


def test_lines_at_fault_come_from_a_file_where_the_task_has_none(tmp_path) -> None:
    own = BenchTask("a", files={"m.py": ""}, truth={"m.py": (1,)})
    path = written(tmp_path / "truth.json", {"a": {"m.py": [9]}, "set/one": {"m.py": [2, 3]}})
    assert [t.truth for t in with_truth((own, TASKS[0], TASKS[1]), path)] == [
        {"m.py": (1,)},
        {"m.py": (2, 3)},
        {},
    ]
    path.write_text("[]")
    with pytest.raises(UsageError, match="cannot be read as lines at fault: it is no JSON object"):
        with_truth(TASKS, path)


@pytest.mark.parametrize(
    ("broken", "lines"),
    [
        ("a\nB\nc\n", (2,)),
        ("a\nX\nb\nc\n", (2,)),
        ("a\nc\n", (1, 2)),
        ("b\nc\n", (1,)),
        ("a\nb\n", (2,)),
        ("a\nb\nc\n", ()),
    ],
    ids=["changed", "too much", "missing between", "missing first", "missing last", "nothing"],
)
def test_lines_at_fault_are_those_that_differ_or_stand_beside_what_is_missing(broken, lines) -> None:
    assert fault_lines({"m.py": broken}, {"m.py": "a\nb\nc\n"}) == ({"m.py": lines} if lines else {})


def test_a_folder_of_repositories_is_a_set_with_what_its_bench_toml_says(tmp_path) -> None:
    folder = tmp_path / "projects"
    for name in ("b", "a"):
        commit_repository(folder / name, {"m.py": "x = 1\n"})
    (folder / "no repository").mkdir()
    (folder / "bench.toml").write_text(
        '[repositories.a]\nkind = "guard"\nhidden = ["test_more.py"]\nlines = { "m.py" = [1] }\n'
    )
    (folder / "a" / "bench.toml").write_text('kind = "boundary"\n')
    a, b = load_set(folder)
    assert (a.id, a.kind, a.hidden, a.truth) == (
        "projects/a",
        "boundary",
        ("test_more.py",),
        {"m.py": (1,)},
    )
    assert (b.id, b.kind, b.repository) == ("projects/b", "", str(folder / "b"))
    assert [task.id for task in load_set(folder / "b")] == ["b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[", "cannot be read as TOML"),
        ('kind = "x"', "everything in it stands in tables"),
        ("[repositories.c]", "there is no repository c in the folder"),
        ("[repositories.a]\nlevel = 1", "a/bench.toml: there is no key 'level'"),
        ("[repositories.a]\nlines = 1", "a/bench.toml: 'lines' does not map"),
    ],
)
def test_a_bad_bench_toml_is_named(tmp_path, text, words) -> None:
    commit_repository(tmp_path / "a", {"m.py": ""})
    (tmp_path / "bench.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        load_set(tmp_path)
    assert words in caught.value.sentence
