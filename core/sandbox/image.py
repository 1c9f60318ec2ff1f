"""The image that workers run in: a Python base, the tools at /opt/greenbar, the user's account.

Tagged by the hash of its recipe, so that a new Greenbar makes a new image and an old one is found
again. The base is ``python:3.12-slim`` where it is here or can be pulled, else a Debian root.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import tarfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SandboxError
from core.sandbox.base import ReportProgress
from core.sandbox.debian import make_debian, source_of_host
from core.sandbox.engine import Engine, new_client
from core.sandbox.tools import Tools
from core.types import Remedy

if TYPE_CHECKING:
    from docker import APIClient

PULLED_BASE = "python:3.12-slim"
REPOSITORY = "greenbar/python"
INSIDE_TOOLS = "/opt/greenbar"
LABEL = "greenbar"
KEPT_IMAGES = 4
"""Of several versions or users of one machine; a removed one is built anew in seconds."""
_SILENCE_SECONDS = 20
"""How long a registry may say nothing before we do without."""


async def make_image(
    engine: Engine, tools: Tools, owner: tuple[int, int], cache: Path, progress: ReportProgress
) -> str:
    """The tag of the image, built where it is not there yet. ``owner`` is the worker's uid and gid.

    Raises SandboxError where no base can be had or the build fails.
    """
    source = await asyncio.to_thread(source_of_host)
    bases = (PULLED_BASE, source.tag)
    tags = {base: _tag(_recipe(base, owner), tools) for base in bases}
    for tag in tags.values():
        if await engine.call(partial(has_image, tag=tag)):
            return tag
    base = PULLED_BASE
    if not await _have_pulled(engine, progress):
        base = source.tag
        if not await engine.call(lambda client: has_image(client, base)):
            await make_debian(engine, source, cache, progress)
    progress("Building the sandbox image", None)
    context = await asyncio.to_thread(_context, _recipe(base, owner), tools)
    await engine.call(lambda client: _build(client, context, tags[base]))
    await engine.call(prune)
    progress("The sandbox image is built", 1.0)
    return tags[base]


def has_image(client: APIClient, tag: str) -> bool:
    """Whether the engine has an image of this tag."""
    import docker.errors

    try:
        client.inspect_image(tag)
    except docker.errors.ImageNotFound:
        return False
    return True


def prune(client: APIClient, repository: str = REPOSITORY, keep: int = KEPT_IMAGES) -> None:
    """Remove all but the newest images of ``repository``: each version of Greenbar leaves one behind.

    One that a container or an environment needs is refused by the engine, and stays.
    """
    import docker.errors

    images = client.images(name=repository, filters={"label": LABEL})
    images.sort(key=lambda image: -int(image["Created"]))
    for image in images[keep:]:
        for tag in image["RepoTags"] or ():
            with suppress(docker.errors.APIError):
                client.remove_image(tag)


async def _have_pulled(engine: Engine, progress: ReportProgress) -> bool:
    if await engine.call(lambda client: has_image(client, PULLED_BASE)):
        return True
    progress(f"Fetching {PULLED_BASE}", None)
    loop = asyncio.get_running_loop()

    def on_status(text: str) -> None:
        loop.call_soon_threadsafe(progress, f"Fetching {PULLED_BASE}: {text}", None)

    return await engine.call(lambda _: _pull(engine.path, on_status))


def _pull(path: Path, on_status: Callable[[str], None]) -> bool:
    """Whether the pull succeeded; no registry is no error, there is another way."""
    import docker.errors
    import requests

    repository, _, tag = PULLED_BASE.partition(":")
    client = new_client(path, _SILENCE_SECONDS)
    said = ""
    try:
        for step in client.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in step:
                return False
            if (status := str(step.get("status", ""))) != said:
                said = status
                on_status(status)
        return has_image(client, PULLED_BASE)
    except (docker.errors.DockerException, requests.exceptions.RequestException):
        return False
    finally:
        client.close()


def _recipe(base: str, owner: tuple[int, int]) -> str:
    uid, gid = owner
    account = f"user:x:{uid}:{gid}::/tmp:/bin/sh"
    known = f"import pwd; pwd.getpwuid({uid})"
    return "\n".join(
        (
            f"FROM {base}",
            f'LABEL {LABEL}="1"',
            f"COPY greenbar {INSIDE_TOOLS}",
            f"RUN python3 -m compileall -q {INSIDE_TOOLS} && mkdir -p /base /work",
            # The engine gives a mounted folder the mode of the one beneath it.
            "RUN chmod 1777 /work /tmp",
            f"RUN python3 -c '{known}' 2>/dev/null || echo {account} >> /etc/passwd",
            "",
        )
    )


def _tag(recipe: str, tools: Tools) -> str:
    digest = hashlib.sha256(f"{recipe}\n{tools.digest}".encode()).hexdigest()
    return f"{REPOSITORY}:{digest[:12]}"


def _context(recipe: str, tools: Tools) -> io.BytesIO:
    """The build context: Dockerfile and tools, without byte code of other Pythons."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        if "__pycache__" in member.name or os.path.basename(member.name).startswith("."):  # noqa: PTH119
            return None
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mode = 0o755 if member.isdir() else 0o644
        return member

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        text = recipe.encode()
        dockerfile = tarfile.TarInfo("Dockerfile")
        dockerfile.size = len(text)
        archive.addfile(dockerfile, io.BytesIO(text))
        archive.add(tools.folder, "greenbar", filter=plain)
    buffer.seek(0)
    return buffer


def _build(client: APIClient, context: io.BytesIO, tag: str) -> None:
    said: list[str] = []
    steps = client.build(
        fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True, decode=True
    )
    for step in steps:
        said.append(str(step.get("stream", "") or step.get("error", "")))
        if "error" in step:
            raise SandboxError(
                "sandbox.image",
                "The sandbox image could not be built.",
                (Remedy("Look at the engine", shell="docker system df"),),
                "".join(said)[-8000:],
            )
