"""Places that a pasted text names: found in this repository, however the path begins."""

from __future__ import annotations

import pytest

from core.chat.frames import Files, frames_in, places_in
from core.types import Reference

FILES = Files(("src/app/parse.py", "src/app/__init__.py", "lib/__init__.py", "web/view.ts", "main.go"))

PYTHON = """Traceback (most recent call last):
  File "/home/other/checkout/src/app/parse.py", line 12, in parse
    return split(raw)
  File "/usr/lib/python3.11/re.py", line 3, in split
ValueError: no"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PYTHON, [Reference("src/app/parse.py", 12)]),
        ("src/app/parse.py:7: AssertionError", [Reference("src/app/parse.py", 7)]),
        (r"C:\work\src\app\parse.py:9: in parse", [Reference("src/app/parse.py", 9)]),
        ("    at show (/ci/build/web/view.ts:31:5)", [Reference("web/view.ts", 31)]),
        ("\tmain.go:8 +0x1d", [Reference("main.go", 8)]),
        ("__init__.py:3: in f", []),
        ("nothing here, 12:30", []),
    ],
)
def test_frames_of_other_machines_are_found_by_how_their_paths_end(
    text: str, found: list[Reference]
) -> None:
    assert list(frames_in(text, FILES)) == found


def test_a_file_that_is_only_named_counts_as_a_whole() -> None:
    said = "Look at `parse.py` and at main.go:4, not at e.g. this.py."
    assert places_in(said, FILES) == (Reference("src/app/parse.py"), Reference("main.go", 4))


def test_a_long_log_is_read_in_no_time() -> None:
    log = "\n".join(f"{n} {'x' * 200} src/app/parse.py:{n}: in f" for n in range(5000))
    assert len(frames_in(log, FILES)) == 40
