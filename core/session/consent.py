"""Permissions that only the user can give, remembered for each repository."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

from core.atomic import write_atomic
from core.types import ConsentKind, ConsentRequest

log = logging.getLogger("greenbar.consent")

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
        if self.remembers(repository, request.kind):
            return True
        if not await self._ask(request):
            return False
        try:
            await asyncio.to_thread(self._remember, repository, request.kind)
        except OSError:
            # The answer holds; it will be asked for again.
            log.exception("the consent cannot be remembered")
        return True

    def remembers(self, repository: str, kind: ConsentKind) -> bool:
        return kind in self._given or kind.value in self._load().get(repository, [])

    def _remember(self, repository: str, kind: ConsentKind) -> None:
        book = self._load()
        book[repository] = sorted({*book.get(repository, []), kind.value})
        write_atomic(self._path, json.dumps(book, indent=2).encode())

    def _load(self) -> dict[str, list[str]]:
        try:
            book = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(book, dict):
            return {}
        return {path: kinds for path, kinds in book.items() if isinstance(kinds, list)}


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


def set_up_request(name: str, what: str) -> ConsentRequest:
    """``what`` names the packages or files to install."""
    return ConsentRequest(
        ConsentKind.SETUP_NETWORK,
        "Install what the tests need?",
        f"The tests of {name} need packages that are not there yet ({what}). Installing them uses "
        "the network and runs the packages' own build scripts, in the sandbox and outside your "
        "repository. Tests themselves never have network.",
        "Install",
    )
