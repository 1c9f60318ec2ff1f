"""Strategy files: a TOML text as a :class:`core.search.strategy.Strategy`, or what is wrong with it.

The ones that come with Greenbar are in ``resources/strategies``, the user's own in the folder
``strategies`` of the configuration; docs/strategies.md describes every key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from core.errors import UsageError
from core.search.strategy import Part, Setting, StopRule, Strategy
from core.types import Role

_ROLES: Final = {"propose": Role.PROPOSE, "judge": Role.JUDGE}
_PART: Final = ("share", "stage", "drafts", "expand", "role", "hints")
_STRATEGY: Final = ("title", "summary", "source", "approximation", "others", "stop", "tree", "proposers")


class _Wrong(ValueError):
    """A key that cannot be used; the message is a clause that names it."""


@cache
def shipped_strategies() -> tuple[Strategy, ...]:
    """Those that come with Greenbar, by name; read once."""
    return _read(files("resources").joinpath("strategies").iterdir())


def own_strategies(folder: Path) -> tuple[Strategy, ...]:
    """The user's own, by name; none where there is no such folder. Raises UsageError for a file that
    cannot be used, naming it."""
    try:
        return _read(folder.iterdir()) if folder.is_dir() else ()
    except OSError as error:
        raise UsageError(
            "strategy.file", f"The strategies in {folder} cannot be read.", (), str(error)
        ) from error


def parse_strategy(name: str, text: str, source: str = "") -> Strategy:
    """The strategy that a file says. Raises UsageError that names ``source`` (default: the name) and
    the key at fault."""
    try:
        return _strategy(name, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        wrong = f"it is not TOML: {error}"
    except _Wrong as error:
        wrong = str(error)
    raise UsageError("strategy.file", f"The strategy file {source or name} cannot be used: {wrong}.")


def _read(entries: Iterable[Traversable | Path]) -> tuple[Strategy, ...]:
    found = sorted((entry for entry in entries if entry.name.endswith(".toml")), key=lambda e: e.name)
    strategies = []
    for entry in found:
        try:
            text = entry.read_text("utf-8")
        except UnicodeDecodeError:
            sentence = f"The strategy file {entry.name} cannot be used: it is not UTF-8."
            raise UsageError("strategy.file", sentence) from None
        strategies.append(parse_strategy(entry.name.removesuffix(".toml"), text, entry.name))
    return tuple(strategies)


def _strategy(name: str, table: dict[str, Any]) -> Strategy:
    _only(table, _STRATEGY, "")
    proposers = _table(table, "proposers", "")
    parts = {key: _part(_table(proposers, key, "proposers."), f"proposers.{key}.") for key in proposers}
    others = _bool(table, "others", not parts, "")
    if not parts and not others:
        raise _Wrong("it names no proposers")
    stop = _table(table, "stop", "")
    _only(stop, ("greens", "share", "seconds", "patience"), "stop.")
    tree = _table(table, "tree", "")
    _only(tree, ("branching", "depth"), "tree.")
    rule, plain = StopRule(), Strategy()
    return Strategy(
        name=name,
        title=_text(table, "title", name),
        summary=_text(table, "summary"),
        source=_text(table, "source"),
        approximation=_text(table, "approximation"),
        parts=MappingProxyType(parts),
        others=others,
        stop=StopRule(
            greens=_whole(stop, "greens", rule.greens, 1, 50, "stop."),
            share=_number(stop, "share", rule.share, 0.0, 10.0, "stop."),
            seconds=_number(stop, "seconds", rule.seconds, 0.0, 3600.0, "stop."),
            patience=_number(stop, "patience", rule.patience, 0.0, 86_400.0, "stop."),
        ),
        branching=_whole(tree, "branching", plain.branching, 1, 20, "tree."),
        depth=_whole(tree, "depth", plain.depth, 0, 10, "tree."),
    )


def _part(table: dict[str, Any], where: str) -> Part:
    hints = table.get("hints", [])
    if not isinstance(hints, list) or not all(isinstance(hint, str) and hint.strip() for hint in hints):
        raise _Wrong(f"{where}hints is not a list of sentences")
    role = table.get("role")
    if role is not None and role not in _ROLES:
        raise _Wrong(f"{where}role is neither propose nor judge")
    settings: dict[str, Setting] = {key: table[key] for key in table if key not in _PART}
    for key, value in settings.items():
        if not isinstance(value, Setting):
            raise _Wrong(f"{where}{key} is neither a number, a text nor true or false")
    return Part(
        share=_number(table, "share", 1.0, 0.01, 100.0, where),
        stage=_whole(table, "stage", 1, 1, 9, where),
        drafts=_whole(table, "drafts", 0, 0, 1_000_000, where),
        expand=_bool(table, "expand", False, where),
        role=_ROLES[role] if role else None,
        hints=tuple(hints),
        settings=MappingProxyType(settings),
    )


def _only(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in known:
            raise _Wrong(f"there is no key {where}{key}; there are {', '.join(known)}")


def _table(table: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise _Wrong(f"{where}{key} is not a table")
    return found


def _text(table: Mapping[str, Any], key: str, default: str = "") -> str:
    found = table.get(key, default)
    if not isinstance(found, str):
        raise _Wrong(f"{key} is not a text")
    return found.strip()


def _bool(table: Mapping[str, Any], key: str, default: bool, where: str) -> bool:
    found = table.get(key, default)
    if not isinstance(found, bool):
        raise _Wrong(f"{where}{key} is neither true nor false")
    return found


def _number(
    table: Mapping[str, Any], key: str, default: float, least: float, most: float, where: str
) -> float:
    found = table.get(key, default)
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not least <= found <= most:
        raise _Wrong(f"{where}{key} is not a number from {least:g} to {most:g}")
    return float(found)


def _whole(table: Mapping[str, Any], key: str, default: int, least: int, most: int, where: str) -> int:
    found = table.get(key, default)
    if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
        raise _Wrong(f"{where}{key} is not a whole number from {least} to {most}")
    return found
