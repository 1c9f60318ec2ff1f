"""The tools folder."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.sandbox.interpreter import base_python
from core.sandbox.tools import compile_tools, make_tools


def _inside(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "worker.py").write_text(text)
    return folder


def test_pytest_runs_from_the_tools_alone(tmp_path: Path) -> None:
    tools = make_tools(tmp_path / "cache", _inside(tmp_path / "inside", ""))
    site = str(tools.folder / "site")
    code = f"import sys; sys.path.append({site!r}); import pytest; print(pytest.__file__)"
    command = [str(base_python().executable), "-I", "-S", "-B", "-c", code]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(tools.folder / "site" / "pytest" / "__init__.py")


def test_tools_are_made_once_and_anew_when_the_worker_changes(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = make_tools(cache, _inside(tmp_path / "inside", "one = 1"))
    stamp = first.folder.stat().st_mtime_ns
    assert make_tools(cache, tmp_path / "inside") == first
    assert first.folder.stat().st_mtime_ns == stamp
    second = make_tools(cache, _inside(tmp_path / "inside", "two = 2"))
    assert second.folder != first.folder
    assert (second.folder / "worker.py").read_text() == "two = 2"


def test_two_who_make_the_tools_at_once_agree_and_leave_nothing_else(tmp_path: Path) -> None:
    inside = _inside(tmp_path / "inside", "")
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: make_tools(tmp_path / "cache", inside), range(4)))
    assert len(made) == 1
    assert [path.name for path in (tmp_path / "cache" / "tools").iterdir()] == [made.pop().folder.name]


def test_byte_code_is_written_for_the_workers_python(tmp_path: Path) -> None:
    tools = make_tools(tmp_path / "cache", _inside(tmp_path / "inside", ""))
    python = base_python().executable
    asyncio.run(compile_tools(tools, python))
    tag = f"{sys.implementation.cache_tag}.pyc"
    assert list((tools.folder / "site" / "pytest" / "__pycache__").glob(f"*{tag}"))
