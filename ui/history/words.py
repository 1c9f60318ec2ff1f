"""How a past task reads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from core import events as ev
from core.types import Remedy, TaskEnd, TaskRow
from ui.words import counted, duration, tr

_SIGNS: Final = {
    TaskEnd.RUNNING: "·",
    TaskEnd.FIXED: "✓",
    TaskEnd.PARTLY: "!",
    TaskEnd.UNSOLVED: "✗",
    TaskEnd.STOPPED: "–",
    TaskEnd.CUT_OFF: "–",
}
_TONES: Final = {
    TaskEnd.FIXED: "passed",
    TaskEnd.PARTLY: "attention",
    TaskEnd.UNSOLVED: "failed",
}


def sign_of(task: TaskRow) -> str:
    return _SIGNS[task.end]


def tone_of(task: TaskRow) -> str:
    return _TONES.get(task.end, "idle")


def end_word(task: TaskRow) -> str:
    match task.end:
        case TaskEnd.RUNNING:
            return tr("running")
        case TaskEnd.FIXED:
            return tr("fixed and accepted") if task.accepted else tr("fixed")
        case TaskEnd.PARTLY:
            return tr("partly fixed and accepted") if task.accepted else tr("partly fixed")
        case TaskEnd.UNSOLVED:
            return tr("no confident fix")
        case TaskEnd.STOPPED:
            return tr("stopped")
        case TaskEnd.CUT_OFF:
            return tr("cut off")


def when(task: TaskRow) -> str:
    """The day and the minute, where the user is."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(task.began))


def cost(task: TaskRow) -> str:
    """Time, and tokens and money where there were any."""
    parts = [duration(task.seconds)] if task.seconds else []
    if task.tokens:
        parts.append(counted(task.tokens, "{n} token", "{n} tokens"))
    if task.dollars:
        parts.append(f"${task.dollars:.2f}")
    return ", ".join(parts)


_MARKS: Final = {"p": "✓", "f": "✗", "s": "–"}


def past_line(marks: Sequence[tuple[float, str]]) -> str:
    """``✓✓✗✓ in the last 4 runs``; empty where there were fewer than two."""
    if len(marks) < 2:
        return ""
    signs = "".join(_MARKS[mark] for _, mark in marks)
    return tr("{signs}  in the last {n} runs", signs=signs, n=len(marks))


def cut_off(task: TaskRow) -> ev.TroubleRaised:
    """What is said where a repository opens whose newest task was cut off."""
    said = tr("The program ended while it worked on this: {request}.", request=task.request)
    return ev.TroubleRaised(
        "history.cut_off", f"{said} {tr('Nothing was written.')}", (Remedy(tr("Go on"), "go_on"),)
    )
