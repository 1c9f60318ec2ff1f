"""The image of another Python than the base's: the official one, with our tools on top.

Python's own images of a minor version (``python:3.13-slim``) are everywhere that the base's is, so a
repository that asks for another Python gets it without anything being installed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from core.sandbox.base import ReportProgress
from core.sandbox.engine import Engine
from core.sandbox.image import has_image, have_pulled, image_tag, make_from, recipe_on
from core.sandbox.image_notes import ImageNotes
from core.sandbox.sources.pythons import minor_of
from core.sandbox.tools import Tools

if TYPE_CHECKING:
    from docker import APIClient

REPOSITORY: Final = "greenbar/python"
_MOST_LOOKED_FOR: Final = 4
_PLACES: Final = ("/usr/local/bin/python3", "/usr/bin/python3")
"""In the order of the search path."""


async def python_image(
    engine: Engine,
    tools: Tools,
    owner: tuple[int, int],
    minors: Sequence[str],
    notes: ImageNotes,
    progress: ReportProgress,
) -> str | None:
    """The tag of an image with one of the minor versions (best first), built where it is not there yet;
    ``None`` where none is here and the best cannot be pulled. Raises SandboxError."""
    bases = [f"python:{minor}-slim" for minor in minors[:_MOST_LOOKED_FOR]]
    tags = [image_tag(REPOSITORY, recipe_on(base, owner), tools) for base in bases]
    if made := await engine.call(lambda client: _first_there(client, tags)):
        return made
    base = await engine.call(lambda client: _first_there(client, bases))
    if not base and bases and await have_pulled(engine, bases[0], progress):
        base = bases[0]
    if not base:
        return None
    return await make_from(
        engine, tools, notes, recipe_on(base, owner), tags[bases.index(base)], None, progress
    )


def _first_there(client: APIClient, names: Sequence[str]) -> str:
    return next((name for name in names if has_image(client, name)), "")


async def python_inside(engine: Engine, image: str, labels: dict[str, str]) -> str:
    """The minor version of an image's ``python3``; empty where it does not tell."""
    return await engine.call(lambda client: _python_inside(client, image, labels))


def _python_inside(client: APIClient, image: str, labels: dict[str, str]) -> str:
    """By the name of the file behind the link, which a container that never starts shows in no time."""
    import docker.errors

    container = client.create_container(image, ["python3"], labels=labels)["Id"]
    try:
        for place in _PLACES:
            with suppress(docker.errors.NotFound):
                _, about = client.get_archive(container, place)
                name = posixpath.basename(str(about.get("linkTarget", "")))
                if minor := minor_of(name):
                    return minor
    finally:
        client.remove_container(container, force=True, v=True)
    return ""
