"""Permissions that only the user can give, remembered for each repository."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from core.atomic import write_atomic
from core.types import ConsentKind, ConsentRequest

log = logging.getLogger("greenbar.consent")

_SHOWN = 6
"""Commands that a request names."""

Ask: TypeAlias = Callable[[ConsentRequest], Awaitable[bool]]
"""Puts a request to the user and waits for the answer."""


class ConsentBook:
    """Asks once for each repository and kind; a yes is remembered in ``path``, a no is not."""

    def __init__(self, path: Path, ask: Ask, given: frozenset[ConsentKind] = frozenset()) -> None:
        """``given`` needs no asking in this session, and is not remembered beyond it."""
        self._path = path
        self._ask = ask
        self._given = given

    async def granted(self, repository: str, request: ConsentRequest) -> bool:
        """Whether the user allows this, asking where they have not said so before."""
        if self.remembers(repository, request.kind, request.subject):
            return True
        if not await self._ask(request):
            return False
        try:
            await asyncio.to_thread(self._remember, repository, request)
        except OSError:
            # The answer holds; it will be asked for again.
            log.exception("the consent cannot be remembered")
        return True

    def remembers(self, repository: str, kind: ConsentKind, subject: str = "") -> bool:
        return kind in self._given or _entry(kind, subject) in self._load().get(repository, [])

    def _remember(self, repository: str, request: ConsentRequest) -> None:
        book = self._load()
        entry = _entry(request.kind, request.subject)
        book[repository] = sorted({*book.get(repository, []), entry})
        write_atomic(self._path, json.dumps(book, indent=2).encode())

    def _load(self) -> dict[str, list[str]]:
        try:
            book = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(book, dict):
            return {}
        return {path: kinds for path, kinds in book.items() if isinstance(kinds, list)}


def _entry(kind: ConsentKind, subject: str) -> str:
    return f"{kind.value} {subject}".rstrip()


def host_request(name: str, why: str) -> ConsentRequest:
    """``why`` says in a sentence why there is no sandbox."""
    return ConsentRequest(
        ConsentKind.HOST,
        "Run without a sandbox?",
        f"{why} Without a sandbox, the tests of {name} and every candidate patch, including code "
        "that a model wrote, run with your rights: they can read your files, use the network and "
        "start programs. Work still happens on a copy of the repository.",
        "Run on this machine",
    )


def set_up_request(name: str, what: str, commands: Sequence[str] = ()) -> ConsentRequest:
    """``what`` names the packages or files to install; ``commands`` are run as they stand."""
    shown = [*commands[:_SHOWN], *(["..."] if len(commands) > _SHOWN else [])]
    runs = "\n    ".join(("\nIt runs:", *shown)) if shown else ""
    return ConsentRequest(
        ConsentKind.SETUP_NETWORK,
        "Install what the tests need?",
        f"The tests of {name} need what is not there yet ({what}). Installing it uses the network and "
        "runs the packages' own build scripts, in the sandbox and outside your repository. Tests "
        f"themselves never have network.{runs}",
        "Install",
    )


def remote_request(name: str, engine: str, address: str) -> ConsentRequest:
    """``engine`` is for people (``Docker on build-box``)."""
    return ConsentRequest(
        ConsentKind.REMOTE_ENGINE,
        "Send a copy to another machine?",
        f"Your settings name {engine} ({address}). To run tests there, Greenbar sends it a copy of "
        f"{name}, with the changes that you have not committed and without the files that git ignores. "
        "Whoever runs that machine can read it. The copy is removed there when Greenbar is done.",
        "Send it there",
        subject=address,
    )
