"""Repositories that the measurements make: big suites and big trees, the same every time."""

from __future__ import annotations

import subprocess
from pathlib import Path

_IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")

_LABOUR = '''\
"""A second of honest work, mostly computing: {rounds} rounds of parsing, sorting, hashing, files."""

import hashlib
import json
import re
import time

import pytest

NAMES = ["name %d" % (n * 7919 % 1000) for n in range(300)]
RECORDS = [{{"id": n, "name": name, "parts": list(range(n % 17))}} for n, name in enumerate(NAMES)]
WORD = re.compile(r"(\\w+) (\\d+)")


def labour(folder):
    text = json.dumps(RECORDS)
    found = json.loads(text)
    found.sort(key=lambda record: (record["name"], -record["id"]))
    numbers = [int(WORD.match(record["name"]).group(2)) for record in found]
    digest = hashlib.sha256(text.encode()).hexdigest()
    path = folder / "records.json"
    path.write_text(text)
    assert json.loads(path.read_text())[0]["id"] == 0
    return sum(numbers), digest


@pytest.mark.parametrize("number", range({tests}))
def test_labour(tmp_path, number):
    results = {{labour(tmp_path) for _ in range({rounds})}}
    assert len(results) == 1
    time.sleep({pause})
'''


def labour_suite(root: Path, tests: int, rounds: int, pause: float = 0.1) -> Path:
    """``tests`` tests of one file, each with ``rounds`` rounds of work and ``pause`` seconds of sleep."""
    text = _LABOUR.format(tests=tests, rounds=rounds, pause=pause)
    return _commit(root, {"test_labour.py": text})


def many_tests(root: Path, tests: int, a_file: int = 50) -> Path:
    """``tests`` quick tests, ``a_file`` in each file; one in 101 fails, one in 53 is skipped."""
    files = {}
    for start in range(0, tests, a_file):
        lines = ["import pytest", ""]
        for number in range(start, min(start + a_file, tests)):
            lines.append("")
            if number % 53 == 52:
                lines.append("@pytest.mark.skip(reason='not here')")
            lines.append(f"def test_number_{number}():")
            lines.append(
                f"    assert sum(range({number % 97})) == {number % 97 * (number % 97 - 1) // 2}"
            )
            if number % 101 == 100:
                lines.append(f"    assert {number} in [{number + 1}], 'the wrong number'")
            lines.append("")
        files[f"tests/part_{start // a_file // 20:02}/test_file_{start // a_file:03}.py"] = "\n".join(
            lines
        )
    return _commit(root, files)


def many_files(root: Path, files: int) -> Path:
    """``files`` small source files in folders of fifty, three levels deep, and one test."""
    tree = {
        f"package_{n // 2500}/part_{n // 50 % 50:02}/module_{n:05}.py": f"VALUE = {n}\n"
        for n in range(files - 1)
    }
    return _commit(root, {**tree, "test_one.py": "def test_one():\n    assert True\n"})


def as_repository(root: Path) -> Path:
    """Make what lies at ``root`` the first commit of a repository."""
    for command in (
        ["init", "-q", "-b", "main"],
        ["-c", "core.safecrlf=false", "add", "-A", "-f"],
        [*_IDENTITY, "-c", "gc.auto=0", "commit", "-q", "-m", "start"],
    ):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


def _commit(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return as_repository(root)
