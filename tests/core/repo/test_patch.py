"""Patches: what git applies, what a choice of hunks means, what the review shows."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import PatchError
from core.repo.locked import is_locked
from core.repo.patch import (
    build_patch,
    count_lines,
    file_diffs,
    hunk_ids,
    hunks_of,
    outline,
    overlay,
    patch_from_edits,
    reverse,
    select_hunks,
)
from core.repo.unified import unified_diff
from core.types import FileChange, Patch

_lines = st.lists(
    st.sampled_from(
        [b"a\n", b"b\r\n", b"\n", b"c\n", b"  d = '\xe9'\n", b"@@ -1 +1 @@\n", b"-- x\n", b"e\rf\n"]
    ),
    max_size=30,
)
_end = st.sampled_from([b"", b"last", b"last\r"])
_text = st.builds(lambda lines, end: b"".join(lines) + end, _lines, _end)
_binary = st.binary(max_size=200).map(lambda data: data + b"\0")
_side = st.one_of(st.none(), _text, _binary)
_names = st.sampled_from(
    ["a.py", "sp ace/b c.py", "ünï/日本.txt", 'quo"te\\tab\t.py', "deep/er/f", "line\nbreak"]
)
_patches = st.dictionaries(_names, st.tuples(_side, _side), max_size=4).map(
    lambda sides: build_patch(FileChange(path, *pair) for path, pair in sides.items())
)
_real_git = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _numbered(edits: dict[int, bytes], count: int = 60) -> tuple[bytes, bytes]:
    lines = [b"line %d\n" % n for n in range(count)]
    return b"".join(lines), b"".join(edits.get(n, line) for n, line in enumerate(lines))


def _git_apply(before: dict[str, bytes | None], diff: bytes) -> dict[str, bytes | None]:
    """What real git makes of ``diff`` in a plain folder that holds ``before``."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, data in before.items():
            if data is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(data)
        command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
        ran = subprocess.run(command, cwd=root, input=diff, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr.decode()
        return {p: (root / p).read_bytes() if (root / p).exists() else None for p in before}


@_real_git
@given(_patches.filter(lambda patch: patch.changes != ()))
def test_git_apply_turns_before_into_after_byte_for_byte(patch: Patch) -> None:
    before = {change.path: change.before for change in patch.changes}
    assert _git_apply(before, unified_diff(patch)) == overlay(patch)


@_real_git
@given(_patches.filter(lambda patch: patch.changes != ()))
def test_the_reverse_takes_everything_back(patch: Patch) -> None:
    before = {change.path: change.before for change in patch.changes}
    assert _git_apply(overlay(patch), unified_diff(reverse(patch))) == before


@pytest.mark.parametrize(
    ("before", "after"), [(None, b"\0"), (b"\0", None), (b"\0" * 3000, b"text\n"), (b"", b"\0\1" * 52)]
)
def test_git_apply_takes_binary_files_both_ways(before: bytes | None, after: bytes | None) -> None:
    patch = build_patch([FileChange("logo.png", before, after)])
    assert _git_apply({"logo.png": before}, unified_diff(patch)) == {"logo.png": after}
    assert _git_apply({"logo.png": after}, unified_diff(reverse(patch))) == {"logo.png": before}


@given(_patches)
def test_all_hunks_are_the_patch_and_none_is_nothing(patch: Patch) -> None:
    assert select_hunks(patch, hunk_ids(patch)) == patch
    assert select_hunks(patch, ()) == Patch(())
    assert reverse(reverse(patch)) == patch


@given(_patches, st.data())
def test_a_selection_changes_exactly_the_files_of_its_hunks(patch: Patch, data: st.DataObject) -> None:
    ids = hunk_ids(patch)
    chosen = frozenset(data.draw(st.sets(st.sampled_from(ids)))) if ids else frozenset()
    assert ids == tuple(hunk.id for change in patch.changes for hunk in hunks_of(change))
    assert select_hunks(patch, chosen).paths == tuple(sorted({i.rpartition("#")[0] for i in chosen}))


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 59)), st.data())
def test_some_hunks_and_then_the_rest_make_the_whole(changed: set[int], data: st.DataObject) -> None:
    edits = {
        n: data.draw(st.sampled_from([b"", b"new %d\n" % n, b"line %d\nmore %d\n" % (n, n)]))
        for n in changed
    }
    before, after = _numbered(edits)
    patch = build_patch([FileChange("f.txt", before, after)])
    ids = hunk_ids(patch)
    chosen = frozenset(data.draw(st.sets(st.sampled_from(ids)))) if ids else frozenset()
    one, rest = select_hunks(patch, chosen), select_hunks(patch, frozenset(ids) - chosen)
    half = overlay(one).get("f.txt", before)
    other = overlay(rest).get("f.txt", before)
    with tempfile.TemporaryDirectory() as name:
        for file, content in (("mine", half), ("base", before), ("theirs", other)):
            assert content is not None
            (Path(name) / file).write_bytes(content)
        command = ["git", "merge-file", "-p", "mine", "base", "theirs"]
        merged = subprocess.run(command, cwd=name, capture_output=True, check=True)
    assert merged.stdout == after


def test_a_chosen_hunk_leaves_the_others_out() -> None:
    before, after = _numbered({3: b"three\n", 30: b"thirty\n", 50: b""})
    patch = build_patch([FileChange("f.txt", before, after)])
    assert hunk_ids(patch) == ("f.txt#0", "f.txt#1", "f.txt#2")
    expected = _numbered({30: b"thirty\n"})[1]
    assert overlay(select_hunks(patch, {"f.txt#1"})) == {"f.txt": expected}


def test_an_unknown_hunk_is_refused() -> None:
    patch = build_patch([FileChange("f.txt", b"a\n", b"b\n")])
    with pytest.raises(PatchError, match=r"no hunk 'f\.txt#1'"):
        select_hunks(patch, {"f.txt#1"})


def test_a_diff_looks_like_gits_own() -> None:
    diff = unified_diff(build_patch([FileChange("my file.py", b"a\nb", b"a\nc\n")])).decode().splitlines()
    assert diff[2:] == [
        "--- a/my file.py\t",
        "+++ b/my file.py\t",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "\\ No newline at end of file",
        "+c",
    ]


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a//b", "a/./b", "", "a/../../b", ".git/config", "a/.GIT/x", "x\0"]
)
def test_a_path_outside_the_repository_is_refused(path: str) -> None:
    with pytest.raises(PatchError):
        build_patch([FileChange(path, None, b"x")])


def test_a_path_that_occurs_twice_is_refused() -> None:
    with pytest.raises(PatchError, match="twice"):
        build_patch([FileChange("a", b"1", b"2"), FileChange("a", b"1", b"3")])


def test_edits_keep_each_files_style_and_drop_what_changes_nothing() -> None:
    files = {"dos.py": b"x = 1\r\n", "same.py": b"y = 1\n", "gone.py": b"z\n"}
    edits = {"dos.py": "x = 2\n", "same.py": "y = 1\n", "new.py": "n = 1\n", "gone.py": None}
    patch = patch_from_edits(edits, files.get)
    assert overlay(patch) == {"dos.py": b"x = 2\r\n", "gone.py": None, "new.py": b"n = 1\n"}


def test_a_binary_file_cannot_be_edited_as_text() -> None:
    with pytest.raises(PatchError, match=r"logo\.png is a binary file"):
        patch_from_edits({"logo.png": "x"}, {"logo.png": b"\0\1"}.get)


_SOURCE = """\
import os


class Parser:
    @property
    def name(self):
        return "x"

    def read(
        self,
        text,
    ):
# a stray comment
        def inner():
            return 1
        return text
"""


@pytest.mark.parametrize(
    ("old", "new", "section"),
    [
        ('return "x"', 'return "y"', "Parser.name"),
        ("return 1\n", "return 2\n", "Parser.read.inner"),
        ("return text", "return text.strip()", "Parser.read"),
        ("import os", "import sys", ""),
        ("    def inner", "    async def inner", "Parser.read.inner"),
        ("\n\nclass", "\n\nLIMIT = 3\n\n\nclass", ""),
    ],
)
def test_a_hunk_knows_its_function_even_where_the_file_does_not_parse(
    old: str, new: str, section: str
) -> None:
    after = _SOURCE.replace(old, new) + "def broken(:\n"
    change = FileChange("p.py", (_SOURCE + "def broken(:\n").encode(), after.encode())
    assert hunks_of(change)[0].section == section


def test_the_review_shows_texts_hunks_and_the_lane_of_each_file() -> None:
    patch = build_patch(
        [
            FileChange(
                "a.py", b"# coding: latin-1\r\nx = '\xe9'\r\n", b"# coding: latin-1\r\nx = '\xe8'\r\n"
            ),
            FileChange("empty.py", None, b""),
            FileChange("logo.png", b"\0a", b"\0b"),
            FileChange("tests/test_a.py", b"assert 1\n", None),
        ]
    )
    shown = {diff.path: diff for diff in file_diffs(patch, is_locked)}
    assert shown["a.py"].after == "# coding: latin-1\nx = 'è'\n"
    assert shown["a.py"].hunks[0].lines == (" # coding: latin-1", "-x = 'é'", "+x = 'è'")
    assert shown["empty.py"].hunks[0].lines == ()
    assert shown["logo.png"].binary
    assert (shown["logo.png"].before, shown["logo.png"].hunks[0].id) == ("", "logo.png#0")
    assert [path for path, diff in shown.items() if diff.locked] == ["tests/test_a.py"]
    assert count_lines(patch) == (1, 2)
    assert outline(patch, 9) == (
        1,
        2,
        "a.py:2\n-x = 'é'\n+x = 'è'\nlogo.png: binary\ntests/test_a.py:1\n-assert 1",
    )
    assert outline(patch, 2)[2] == "a.py:2\n-x = 'é'\n… 4 more lines"


def test_a_change_of_newlines_alone_is_visible_in_the_hunk() -> None:
    assert hunks_of(FileChange("a.txt", b"x\r\n", b"x\n"))[0].lines == ("-x\r", "+x")


@given(st.lists(st.sampled_from(["..", ".", "", "a", "~", ".git", ".GIT.", "b c"]), max_size=5))
def test_a_patch_never_names_a_place_outside_the_repository_or_in_gits_folder(parts: list[str]) -> None:
    path = "/".join(parts)
    try:
        build_patch([FileChange(path, b"old", b"new")])
    except PatchError:
        return
    assert os.path.normpath(f"/top/repository/{path}") == f"/top/repository/{path}"
    assert not {"..", ".git", ".GIT."} & set(parts)
