"""A picture of the candidate tree of a real fix, from its journal; not a test.

``python -m tests.tree_picture JOURNAL OUT.svg`` draws the last fix of a session's ``journal.jsonl``.
A box is a state that was worked on, with a dot for each candidate made from it, by proposer, in the
order in which they were verified; a dot that was worked on in its turn leads to the next box.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final

from core.events import CandidateProposed, CandidateVerified, Event, FixFinished, FixStarted
from core.session.journal import read_journal
from core.types import Verdict

WIDTH: Final = 560
MARGIN: Final = 24
STEP: Final = 13
ROW: Final = 24
DOTS_A_ROW: Final = 32
NAMES: Final = 104
INDENT: Final = 72
FILL: Final = {
    Verdict.GREEN: "#1a7f37",
    Verdict.IMPROVED: "#8fce9b",
    Verdict.UNCHANGED: "#c9ced6",
    Verdict.WORSE: "#d1695f",
    Verdict.SUSPICIOUS: "#d9a441",
}


@dataclass(slots=True)
class State:
    """The source (number 0) or a candidate, with what was made of it."""

    number: int
    title: str
    verdict: Verdict = Verdict.UNCHANGED
    note: str = ""
    made: dict[str, list[State]] = field(default_factory=dict)

    @property
    def worked_on(self) -> list[State]:
        return [child for row in self.made.values() for child in row if child.made]


def read(events: Iterable[Event]) -> tuple[State, int]:
    """The tree of the last fix among ``events``, and the best candidate's number (0: none)."""
    source, best = State(0, "the source"), 0
    known = {0: source}
    for event in events:
        match event.body:
            case FixStarted():
                source, best = State(0, "the source"), 0
                known = {0: source}
            case CandidateProposed(candidate, proposer, title, parent=parent):
                known[candidate] = State(candidate, title)
                base = known.get(parent or 0, source)
                base.made.setdefault(proposer, []).append(known[candidate])
            case CandidateVerified(evidence, is_best):
                state, comparison = known[evidence.candidate], evidence.comparison
                state.verdict = comparison.verdict
                state.note = f"fixes {len(comparison.fixed)}, breaks {len(comparison.broken)}"
                best = evidence.candidate if is_best else best
            case FixFinished(result):
                best = result.best.id if result.best else best
    return source, best


def draw(source: State, best: int) -> str:
    """The tree as SVG."""
    parts: list[str] = []
    height = _draw_state(parts, source, best, MARGIN, MARGIN) + MARGIN + ROW
    legend = _legend(MARGIN, height - MARGIN / 2)
    width = WIDTH + 2 * MARGIN + _steps(source) * INDENT
    style = "font: 12px system-ui, sans-serif; fill: #24292f"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" style="{style}">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        + "\n".join((*parts, *legend))
        + "\n</svg>\n"
    )


def _steps(state: State) -> int:
    """How many boxes lead on from one another below a state."""
    return max((1 + _steps(child) for child in state.worked_on), default=0)


def _draw_state(parts: list[str], state: State, best: int, x: float, y: float) -> float:
    """Draw a state and all that came of it from ``(x, y)`` down; returns where it ends."""
    head = state.title if not state.number else f"{state.number}  {state.title}  ({state.note})"
    top, y = y, y + ROW
    inner: list[str] = [f'<text x="{x + 10}" y="{y - 7}" font-weight="600">{escape(_cut(head))}</text>']
    for proposer, children in state.made.items():
        inner.append(f'<text x="{x + 10}" y="{y + 15}" fill="#57606a">{escape(proposer)}</text>')
        for row in _rows(children):
            for place, child in enumerate(row):
                inner.append(_dot(child, best, x + NAMES + place * STEP, y + 11))
            y += ROW * 0.75
        y += 4
    parts.append(
        f'<rect x="{x}" y="{top}" width="{WIDTH}" height="{y - top + 6}" rx="6" fill="#f6f8fa" '
        'stroke="#d0d7de"/>'
    )
    parts += inner
    y += ROW * 0.75
    end = y - ROW * 0.75 + 6
    for child in state.worked_on:
        parts.append(
            f'<path d="M {x + INDENT / 2} {end} V {y + ROW / 2} H {x + INDENT}" fill="none" '
            'stroke="#8c959f"/>'
        )
        y = _draw_state(parts, child, best, x + INDENT, y)
    return y


def _rows(children: Sequence[State]) -> Iterator[Sequence[State]]:
    for start in range(0, len(children), DOTS_A_ROW):
        yield children[start : start + DOTS_A_ROW]


def _dot(child: State, best: int, x: float, y: float) -> str:
    ring = ' stroke="#24292f" stroke-width="2"' if child.number == best or child.made else ""
    words = escape(f"{child.number}: {child.title} ({child.verdict}; {child.note})")
    return _circle(x, y, child.verdict, ring, f"<title>{words}</title>")


def _circle(x: float, y: float, verdict: Verdict, ring: str = "", inside: str = "") -> str:
    return f'<circle cx="{x}" cy="{y}" r="4.5" fill="{FILL[verdict]}"{ring}>{inside}</circle>'


def _legend(x: float, y: float) -> Iterator[str]:
    for verdict in FILL:
        yield f'{_circle(x + 5, y - 4, verdict)}<text x="{x + 14}" y="{y}">{verdict}</text>'
        x += 92
    yield f'<text x="{x}" y="{y}">ringed: the one chosen, and those that were worked on</text>'


def _cut(text: str) -> str:
    return text if len(text) <= 78 else f"{text[:77]}…"


def main() -> int:
    journal, out = map(Path, sys.argv[1:3])
    source, best = read(read_journal(journal))
    out.write_text(draw(source, best), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
