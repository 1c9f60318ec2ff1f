"""The lock of a repository: what is in it, why, and which part of a patch is judged."""

from __future__ import annotations

import pytest

from core.repo.locked import Lock, find_lock, is_locked, lanes, lock_reason
from core.types import FileChange, Patch

FILES = (
    ".github/workflows/ci.yml",
    "README.md",
    "checks/check_sums.py",
    "checks/table.json",
    "conftest.py",
    "pyproject.toml",
    "sums.py",
    "tests/__snapshots__/page.ambr",
    "tests/test_sums.py",
)


def test_every_locked_file_comes_with_its_reason() -> None:
    lock = find_lock(FILES, {"checks/check_sums.py"}, {"checks/table.json", "tests/test_sums.py"})
    assert {file.path: file.reason for file in lock.files} == {
        ".github/workflows/ci.yml": "continuous integration",
        "checks/check_sums.py": "a test file",
        "checks/table.json": "read by the tests",
        "conftest.py": "fixtures",
        "pyproject.toml": "test configuration",
        "tests/__snapshots__/page.ambr": "a snapshot",
        "tests/test_sums.py": "a test file",
    }


def test_what_does_not_exist_yet_is_locked_by_its_name() -> None:
    lock = find_lock(FILES, {"checks/check_sums.py"})
    assert lock.holds("tests/test_new.py")
    assert lock.holds("checks/check_sums.py")
    assert not lock.holds("sums.py")
    assert not lock.holds("new.py")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("page.approved.txt", "a snapshot"),
        ("pkg/__tests__/a.js", "in a folder of tests"),
        ("tests/data/big.csv", "in a folder of tests"),
        ("greenbar.toml", "test configuration"),
        ("src/a.py", ""),
        ("", ""),
    ],
)
def test_names_alone_have_reasons(path: str, reason: str) -> None:
    assert lock_reason(path) == reason
    assert is_locked(path) == bool(reason)


def test_a_patch_is_judged_without_what_it_does_to_locked_files() -> None:
    good = FileChange("sums.py", b"a", b"b")
    weak = FileChange("tests/test_sums.py", b"a", b"b")
    assert lanes(Patch((good, weak)), Lock().holds) == (Patch((good,)), Patch((weak,)))
