"""``greenbar fix --review``: remarks, refusals and rounds on the terminal, before anything is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from rich.markup import escape

from app.cli.show import console, read_line
from core.commands import CorrectRemark, DropRemark, Refine, RefuseHunk
from core.errors import GreenbarError
from core.repo.patch import file_diffs
from core.session.session import Session
from core.types import Budget, FixResult, Hunk, RemarkPlace, RemarkReading, UnderstoodRemark

_PROMPT: Final = "  a: apply, r [HUNK] WORDS: remark, x HUNK [REASON]: refuse, n: new round, q: leave: "
_REMARK: Final = re.compile(r"r(?:emark)?\s+(?:(\d+)\s+)?(.*)", re.IGNORECASE)
_REFUSE: Final = re.compile(r"x\s+(\d+)\s*(.*)", re.IGNORECASE)
_DROP: Final = re.compile(r"d(?:rop)?\s+(\d+)", re.IGNORECASE)


async def review(
    session: Session,
    result: FixResult,
    budget: Budget,
    show: Callable[[FixResult, Session], None],
    progress: AbstractContextManager[object],
) -> tuple[FixResult, bool]:
    """Let the user say what should be different until it is applied or left; the last result, and
    whether it is to be written. ``show`` prints a result with its diff; ``progress`` is entered while a
    round runs."""
    out = console()
    show(result, session)
    while (best := result.best) is not None:
        hunks = _hunks(session, result)
        line = (await read_line(_PROMPT)).strip()
        if line.lower() in ("q", "quit", ""):
            return result, False
        if line.lower() in ("a", "apply"):
            return result, True
        try:
            if line.lower() in ("n", "new round"):
                before = result
                kept = _kept(session, result, hunks)
                with progress:
                    result = await session.refine(Refine(best.id, kept, budget))
                if result.best is None:
                    out.print(escape(result.shortfall))
                    result = before
                else:
                    show(result, session)
            else:
                await _take(session, best.id, hunks, line)
        except GreenbarError as error:
            out.print(f"[red]✗[/red] {escape(error.sentence)}")
    return result, False


async def _take(session: Session, candidate: int, hunks: list[Hunk], line: str) -> None:
    """One remark or refusal, and how it is understood."""
    out = console()
    if found := _REFUSE.fullmatch(line):
        number, reason = int(found[1]), found[2]
        if not 1 <= number <= len(hunks):
            out.print(f"There are {len(hunks)} hunks.")
            return
        await session.rounds.take(RefuseHunk(candidate, hunks[number - 1].id, reason))
        out.print(f"Hunk {number} is refused and will not be proposed again.")
    elif found := _DROP.fullmatch(line):
        await session.rounds.take(DropRemark(int(found[1])))
        out.print(f"Remark {found[1]} is dropped.")
    elif found := _REMARK.fullmatch(line):
        place = RemarkPlace()
        if found[1] and 1 <= int(found[1]) <= len(hunks):
            hunk = hunks[int(found[1]) - 1]
            place = RemarkPlace(hunk.path, hunk=hunk.id)
        await _confirm(session, candidate, place, found[2])
    else:
        out.print("That is none of the answers.")


async def _confirm(session: Session, candidate: int, place: RemarkPlace, text: str) -> None:
    """Show the three steps, and take other words for the solution where the user has them."""
    out = console()
    remark: UnderstoodRemark | None = await session.rounds.remarking.remark(candidate, place, text)
    while remark is not None:
        reading = remark.reading
        out.print(f"  1 what      {reading.kind.value}")
        out.print(f"  2 where     {escape(str(reading.place))}")
        out.print(f"  3 solution  {escape(reading.solution)}")
        if remark.doubt:
            out.print(f"  [yellow]![/yellow] {escape(remark.doubt)}")
            for other in remark.elsewhere:
                out.print(f"    [dim]perhaps {escape(str(other))}[/dim]")
        if not remark.text:
            return
        words = (await read_line("  Enter: so it is meant, d: drop, or better words: ")).strip()
        if words.lower() in ("d", "drop"):
            await session.rounds.take(DropRemark(remark.id))
            return
        if not words:
            return
        meant = RemarkReading(reading.kind, reading.place, words)
        await session.rounds.take(CorrectRemark(remark.id, meant))
        standing = session.rounds.remarking.on(candidate)
        remark = next((one for one in standing if one.id == remark.id), None)


def _hunks(session: Session, result: FixResult) -> list[Hunk]:
    """The hunks of what is judged, in the order of the diff."""
    assert result.best is not None, "looked at before"
    judged, _ = session.review.lanes(result.best.patch)
    return [hunk for file in file_diffs(judged, lambda _: False) for hunk in file.hunks]


def _kept(session: Session, result: FixResult, hunks: list[Hunk]) -> tuple[str, ...]:
    """All hunks that no remark is about and that are not refused."""
    assert result.best is not None, "looked at before"
    places = [one.reading.place for one in session.rounds.remarking.on(result.best.id)]
    refused = {(one.path, one.lines) for one in session.rounds.refusals}
    return tuple(
        hunk.id
        for hunk in hunks
        if (hunk.path, tuple(line for line in hunk.lines if line[:1] in "+-")) not in refused
        and not any(
            place.hunk == hunk.id if place.hunk else place.path in ("", hunk.path) for place in places
        )
    )
