"""``greenbar set-up``: install what a repository's tests need, or say once what that is."""

from __future__ import annotations

import argparse

from rich.markup import escape

from app.cli.fix import asker
from app.cli.progress import FixProgress
from app.cli.show import answers, console
from app.services import AppServices, settings_from
from core.session.emitter import Emitter
from core.session.session import Session


async def set_up(options: argparse.Namespace, services: AppServices) -> int:
    """Remember the user's word, where there is one, and install; the exit status is 0."""
    progress = FixProgress(console())
    emit = Emitter((progress,), services.redact)
    settings = settings_from(sandbox=options.sandbox, model="none")
    session = Session(services, settings, emit, asker(options, progress))
    try:
        with progress:
            await session.open(options.path)
            if options.none or options.reset or options.commands:
                await session.choose_set_up(None if options.reset else tuple(options.commands))
            sentence = await session.install()
        answers().print(escape(sentence or f"The tests of {session.info.name} need nothing installed."))
        return 0
    finally:
        await session.close()
