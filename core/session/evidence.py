"""The evidence of sessions, read from their journals: of the open one, and of earlier ones."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.atomic import write_atomic
from core.errors import UsageError
from core.events import EvidenceSaved, PullRequestDrafted
from core.proof.markdown import to_markdown
from core.proof.message import subject_of
from core.proof.pack import KINDS, Pack, pack_of
from core.session.emitter import Emitter
from core.session.journal import Journal, read_journal
from core.types import Remedy

JOURNAL: Final = "journal.jsonl"
MOST_SESSIONS: Final = 200
"""Sessions that are looked through, newest first."""


class EvidenceDesk:
    """Belongs to one session. ``version`` is Greenbar's."""

    def __init__(self, journal: Journal, version: str, emit: Emitter) -> None:
        self._journal = journal
        self._version = version
        self._emit = emit

    async def pack(self) -> Pack:
        """Of this session, up to now."""
        await asyncio.to_thread(self._journal.settle)
        return await asyncio.to_thread(read_pack, self._journal.path)

    async def pack_of(self, root: Path, accept: int) -> Pack:
        """Of the session that wrote an accept, this one or an earlier; empty where none is found."""
        pack = await self.pack()
        if pack.accepted is not None and (pack.path, pack.accepted.accept) == (str(root), accept):
            return pack
        sessions = self._journal.path.parent.parent
        return await asyncio.to_thread(pack_of_accept, sessions, root, accept)

    async def draft(self) -> None:
        """Announce the pack as Markdown."""
        pack = await self.pack()
        text = await asyncio.to_thread(to_markdown, pack, self._version)
        self._emit(PullRequestDrafted(self._emit.redact(text)))

    async def save(self, path: str) -> None:
        """Write the pack to a file; announces where. Raises UsageError."""
        pack = await self.pack()
        text = await asyncio.to_thread(render, pack, self._version, html=is_html(Path(path)))
        saved = await asyncio.to_thread(save_text, Path(path), self._emit.redact(text))
        self._emit(EvidenceSaved(str(saved)))


def is_html(path: Path) -> bool:
    return path.suffix.lower() in (".html", ".htm")


def render(pack: Pack, version: str, *, html: bool) -> str:
    """The pack as a page. Raises UsageError where the session has fixed nothing."""
    if pack.started is None:
        raise UsageError(
            "evidence.none",
            "Nothing was fixed in this session, so there is no evidence of it.",
            (Remedy("Fix something", action="fix", shell="greenbar fix PATH"),),
        )
    text = to_markdown(pack, version)
    if not html:
        return text
    from core.proof.html import to_html  # the parser takes a moment

    return to_html(text, subject_of(pack))


def save_text(path: Path, text: str) -> Path:
    """Returns where it is. Raises UsageError where the file cannot be written."""
    try:
        place = path.expanduser().absolute()
        write_atomic(place, text.encode("utf-8", "replace"))
        return place
    except (OSError, RuntimeError) as error:
        raise UsageError("evidence.write", f"{path} could not be written.", details=str(error)) from error


def read_pack(journal: Path) -> Pack:
    """Of one journal; an empty pack where it cannot be read. Blocking."""
    try:
        return pack_of(read_journal(journal, KINDS))
    except OSError:
        return Pack()


def find_pack(sessions: Path, name: str) -> Pack:
    """Of the session called ``name``, or for ``last`` of the newest that has fixed something. Blocking.
    Raises UsageError where there is none."""
    if name != "last":
        journal = sessions / name / JOURNAL
        if Path(name).name != name or not journal.is_file():
            raise UsageError(
                "evidence.no_session",
                f"There is no session {name}.",
                (Remedy("Take the last one", shell="greenbar evidence last"),),
                f"Sessions are kept in {sessions}.",
            )
        return read_pack(journal)
    for journal in _holding(sessions, b'"FixStarted"'):
        return read_pack(journal)
    raise UsageError(
        "evidence.none",
        "Nothing has been fixed yet, so there is no evidence.",
        (Remedy("Fix something", shell="greenbar fix PATH"),),
    )


def pack_of_accept(sessions: Path, root: Path, accept: int) -> Pack:
    """Of the session that wrote an accept of a repository; an empty one where none is found. Blocking."""
    for journal in _holding(sessions, b'"Accepted"'):
        pack = read_pack(journal)
        if pack.path == str(root) and pack.accepted is not None and pack.accepted.accept == accept:
            return pack
    return Pack()


def _holding(sessions: Path, word: bytes) -> Iterator[Path]:
    """Journals that hold ``word``, newest first: their folders are named by time."""
    for journal in sorted(sessions.glob(f"*/{JOURNAL}"), reverse=True)[:MOST_SESSIONS]:
        try:
            if word in journal.read_bytes():
                yield journal
        except OSError:
            continue
