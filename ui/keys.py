"""Which keys carry out which action: the table's own, or the user's. Imports no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ui.actions import ACTIONS, BY_ID, Action

FIXED: Final = frozenset({"stop"})
"""Escape closes what lies on top before it stops anything; no other key could mean that."""


def shortcuts(own: Mapping[str, str]) -> dict[str, str]:
    """The keys of every action by its id, empty where it has none. Where two want the same keys, the
    one whose keys they are in the table has them, else the first. Pure."""
    wanted = {
        action.id: own.get(action.id, action.shortcut) if action.id not in FIXED else action.shortcut
        for action in ACTIONS
    }
    taken: dict[tuple[str, bool], str] = {}
    by_right = sorted(ACTIONS, key=lambda action: wanted[action.id] != action.shortcut)
    bound: dict[str, str] = {}
    for action in by_right:
        keys = wanted[action.id]
        place = (_plain(keys), action.in_review)
        if keys and taken.setdefault(place, action.id) != action.id:
            keys = ""
        bound[action.id] = keys
    return bound


def conflict(action: str, keys: str, own: Mapping[str, str]) -> Action | None:
    """The action that has these keys already, if another one does. Pure."""
    spec = BY_ID[action]
    others = shortcuts({name: text for name, text in own.items() if name != action})
    for other in ACTIONS:
        same = keys and _plain(others[other.id]) == _plain(keys)
        # A single letter of the review counts only while the diff has the focus, and wins there.
        if same and other.id != action and other.in_review == spec.in_review:
            return other
    return None


def shown(keys: str) -> str:
    """Keys as people write them."""
    return keys.replace("Return", "Enter")


def _plain(keys: str) -> str:
    return keys.lower().replace("enter", "return").replace(" ", "")
