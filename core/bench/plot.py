"""How many tasks are solved within how many seconds, and for how many tokens, as an SVG. Pure.

The colours are Okabe and Ito's, which people with any colour vision can tell apart; dashes tell the lines
apart as well, and each stands in the legend by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import floor, log10
from typing import Final

from core.bench.compare import Column
from core.bench.values import TaskResult

_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
_DASHES: Final = ("", "8 4", "2 3", "10 3 2 3", "5 2", "1 2")
_PANEL: Final = (400.0, 260.0)
_LEFT, _TOP, _GAP, _BELOW = 60.0, 40.0, 80.0, 60.0
_ROW: Final = 20.0
_TICKS: Final = 5

Measure = Callable[[TaskResult], float]


def plot_svg(sides: Sequence[Column]) -> str:
    """Two panels, seconds and tokens; where tasks were attempted several times, an attempt counts as its
    share of a task."""
    tasks = max((side.summary.tasks for side in sides), default=0)
    panels: tuple[tuple[str, Measure], ...] = (
        ("seconds", lambda result: result.seconds),
        ("tokens", lambda result: float(result.all_tokens)),
    )
    width = _LEFT + len(panels) * (_PANEL[0] + _GAP)
    height = _TOP + _PANEL[1] + _BELOW + _ROW * len(sides) + 10
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif" font-size="12">'
        ),
        "<title>Tasks solved against seconds and tokens</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    for number, (name, measure) in enumerate(panels):
        left = _LEFT + number * (_PANEL[0] + _GAP)
        parts += _panel(sides, name, measure, left, max(tasks, 1))
    for number, side in enumerate(sides):
        y = _TOP + _PANEL[1] + _BELOW + _ROW * number
        parts.append(f'<path d="M{_LEFT:.0f} {y:.1f}h40" {_stroke(number)}/>')
        label = f"{side.name}: {side.summary.solved:g} of {side.summary.tasks}"
        parts.append(f'<text x="{_LEFT + 50:.0f}" y="{y + 4:.1f}">{escape(label)}</text>')
    return "\n".join([*parts, "</svg>\n"])


def steps(side: Column, measure: Measure) -> list[tuple[float, float]]:
    """The corners of one line: after so much of the measure, so many tasks are solved."""
    found = sorted(
        (measure(result), 1 / len(attempts))
        for attempts in side.results.values()
        for result in attempts
        if result.is_solved
    )
    corners, height = [(0.0, 0.0)], 0.0
    for x, share in found:
        corners += [(x, height), (x, height + share)]
        height += share
    return corners


def _panel(sides: Sequence[Column], name: str, measure: Measure, left: float, tasks: int) -> list[str]:
    lines = [steps(side, measure) for side in sides]
    end = _nice_end(max((line[-1][0] for line in lines), default=0.0))

    def at(x: float, y: float) -> str:
        return f"{left + x / end * _PANEL[0]:.1f} {_TOP + (1 - y / tasks) * _PANEL[1]:.1f}"

    parts = [
        (
            f'<rect x="{left:.0f}" y="{_TOP:.0f}" width="{_PANEL[0]:.0f}" height="{_PANEL[1]:.0f}" '
            'fill="none" stroke="#777777"/>'
        ),
        f'<text x="{left:.0f}" y="{_TOP - 12:.0f}" font-weight="bold">solved against {name}</text>',
    ]
    for tick in range(_TICKS + 1):
        x = end * tick / _TICKS
        place = left + _PANEL[0] * tick / _TICKS
        parts.append(
            f'<text x="{place:.1f}" y="{_TOP + _PANEL[1] + 18:.0f}" text-anchor="middle">{x:,g}</text>'
        )
    for solved in sorted({round(tasks * tick / _TICKS) for tick in range(_TICKS + 1)}):
        y = _TOP + (1 - solved / tasks) * _PANEL[1]
        parts.append(f'<path d="M{left:.0f} {y:.1f}h{_PANEL[0]:.0f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{left - 8:.0f}" y="{y + 4:.1f}" text-anchor="end">{solved}</text>')
    for number, line in enumerate(lines):
        path = "L".join(at(x, y) for x, y in [*line, (end, line[-1][1])])
        parts.append(f'<path d="M{path}" {_stroke(number)}/>')
    return parts


def _stroke(number: int) -> str:
    dash = _DASHES[number % len(_DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'fill="none" stroke-width="2" stroke="{_COLOURS[number % len(_COLOURS)]}"{dashes}'


def _nice_end(most: float) -> float:
    """The end of an axis: one, two or five times a power of ten, not below ``most``."""
    if most <= 0:
        return 1.0
    power = 10.0 ** floor(log10(most))
    return next(power * factor for factor in (1, 2, 5, 10) if most <= power * factor * (1 + 1e-9))
