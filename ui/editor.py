"""Opens a file at a line in the user's own editor."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QProcess, QStandardPaths

from core.types import NodeId, Settings, TestResult
from ui.words import file_of, tr

FILE: Final = "{file}"
LINE: Final = "{line}"
_KNOWN: Final = (
    ("code", f"code -g {FILE}:{LINE}"),
    ("codium", f"codium -g {FILE}:{LINE}"),
    ("cursor", f"cursor -g {FILE}:{LINE}"),
    ("zed", f"zed {FILE}:{LINE}"),
    ("subl", f"subl {FILE}:{LINE}"),
    ("pycharm", f"pycharm --line {LINE} {FILE}"),
    ("idea", f"idea --line {LINE} {FILE}"),
    ("kate", f"kate --line {LINE} {FILE}"),
    ("gvim", f"gvim +{LINE} {FILE}"),
    ("emacsclient", f"emacsclient -n +{LINE} {FILE}"),
    ("gedit", f"gedit +{LINE} {FILE}"),
)
"""Editors with a window that go to a line, those that most people have first."""


def editor_arguments(command: str, path: Path, line: int, find: Callable[[str], str]) -> list[str]:
    """What to start, for the command of the settings or, where that is empty, for the first known editor
    that ``find`` knows the program of; empty: there is none. Pure but for ``find``.

    A command that names no path gets it as its last argument. Raises ValueError for one that cannot be
    split into words.
    """
    if not command:
        command = next((known for program, known in _KNOWN if find(program)), "")
    words = shlex.split(command)
    if not words:
        return []
    if not any(FILE in word for word in words):
        words.append(FILE)
    return [word.replace(FILE, str(path)).replace(LINE, str(line)) for word in words]


def line_of(node: NodeId, result: TestResult | None, source: str) -> int:
    """The line (from 1) of a test: where it failed, else where it is defined, else 1. Pure."""
    path, _, name = node.partition("::")
    if result is not None:
        for frame in reversed(result.frames):
            if frame.path == path:
                return frame.line
    function = re.escape(re.split(r"::", name)[-1].partition("[")[0])
    found = re.search(rf"^\s*(?:async\s+)?def\s+{function}\b", source, re.MULTILINE) if function else None
    return source.count("\n", 0, found.end()) + 1 if found else 1


def open_test(node: NodeId, result: TestResult | None, repository: str, settings: Settings) -> str:
    """Open the file of a test; what went wrong, in a sentence, or nothing."""
    root = Path(repository).resolve()
    path = (root / file_of(node)).resolve()
    # What tests are called is the repository's word: it leads nowhere else.
    if not path.is_file() or not path.is_relative_to(root):
        return tr("{file} is not there any more.", file=file_of(node))
    line = line_of(node, result, path.read_text("utf-8", "replace"))
    try:
        arguments = editor_arguments(settings.editor_command, path, line, _program)
    except ValueError:
        return tr("The editor's command cannot be read: {command}.", command=settings.editor_command)
    if not arguments:
        # The system's own handler is not asked: on some systems it runs a .py file instead of showing it.
        return tr("No editor was found for {file}.", file=file_of(node))
    if not QProcess.startDetached(arguments[0], arguments[1:])[0]:
        return tr("The editor {program} cannot be started.", program=arguments[0])
    return ""


def _program(name: str) -> str:
    return str(QStandardPaths.findExecutable(name))
