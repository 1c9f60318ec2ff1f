"""Reading the files that say what a project needs: tolerant, since the tests will tell.

A file that cannot be read or parsed counts as absent, a value of the wrong type as not there.
"""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core.parsing import parse

TEST_NAMES: Final = ("test", "tests", "testing")
DEV_NAMES: Final = ("dev", "develop", "development")
"""Tried after TEST_NAMES: they tend to bring formatters and documentation tools that no test needs."""


def choose(named: Mapping[str, object], *, wide: bool = False) -> tuple[str, ...]:
    """The names that are for tests, else those for development; ``wide``: both."""
    if wide:
        return tuple(name for name in named if normal(name) in TEST_NAMES + DEV_NAMES)
    for words in (TEST_NAMES, DEV_NAMES):
        chosen = tuple(name for name in named if normal(name) in words)
        if chosen:
            return chosen
    return ()


def toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def cfg(path: Path) -> configparser.RawConfigParser:
    try:
        return cfg_text(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return cfg_text("")


def cfg_text(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser


def setup_call(path: Path) -> dict[str, object]:
    """The arguments of the ``setup`` call in a setup.py that are literals; the file is not run."""
    try:
        module = parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    found: dict[str, object] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _called(node.func) == "setup":
            for keyword in node.keywords:
                if keyword.arg is not None:
                    try:
                        found[keyword.arg] = ast.literal_eval(keyword.value)
                    except (ValueError, TypeError):
                        continue
    return found


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return ""


def table(value: object, *keys: str) -> dict[str, object]:
    """The table below ``keys``; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def strings(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list | tuple) else []


def lists(value: object) -> dict[str, list[str]]:
    """A table of lists, such as extras."""
    return {str(name): strings(entries) for name, entries in table(value).items()}


def lines(value: str) -> list[str]:
    """The entries of a multi-line setting, without comments."""
    found = (re.sub(r"(^|\s)#.*", "", line).strip() for line in value.splitlines())
    return [line for line in found if line]


def normal(name: object) -> str:
    """A name of a distribution, an extra or a group, as they are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", str(name)).lower()
