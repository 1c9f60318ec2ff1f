"""The image that workers run in: a base with Python and the toolchain, the tools at /opt/greenbar,
the user's account.

Tagged by the hash of its recipe, so that a new Greenbar makes a new image and an old one is found
again. The base is the toolchain's own (``python:3.12-slim``) where it is here or can be pulled, else
a Debian root with the toolchain's programs in it.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import logging
import os
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from core.errors import SandboxError
from core.sandbox.archives import fetch_toolchain
from core.sandbox.base import PRIMED, ReportProgress, Toolchain
from core.sandbox.debian import REPOSITORY as BASES
from core.sandbox.debian import Source, make_debian, source_of_host
from core.sandbox.engine import Engine
from core.sandbox.image_notes import ImageNotes
from core.sandbox.installer import NetworkSettings
from core.sandbox.tools import Tools
from core.types import Remedy

if TYPE_CHECKING:
    from docker import APIClient

log = logging.getLogger("greenbar.sandbox")

PULLED_BASE = "python:3.12-slim"
TOOLCHAIN = "/opt/toolchain"
INSIDE_TOOLS = "/opt/greenbar"
PRIMED_FOLDER = "/opt/primed"
LABEL = "greenbar"
KEPT_IMAGES = 4
"""Of several versions or users of one machine; a removed one is built anew in seconds."""
KEPT_BASES = 1
"""A toolchain is large, and known by its digests."""
_TOOLCHAIN_FILE = "toolchain.tar"
_SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_PYTHON = (
    "command -v python3 >/dev/null"
    " || (apt-get update && apt-get install -y --no-install-recommends python3"
    " && rm -rf /var/lib/apt/lists/*)"
    " || apk add --no-cache python3"
)
"""Images of other languages seldom have the Python that the worker runs on."""
_SILENCE_SECONDS = 20
"""How long a registry may say nothing before we do without."""


async def make_image(
    engine: Engine,
    tools: Tools,
    owner: tuple[int, int],
    cache: Path,
    network: NetworkSettings,
    toolchain: Toolchain,
    notes: ImageNotes,
    progress: ReportProgress,
) -> str:
    """The tag of the image, built where it is not there yet. ``owner`` is the worker's uid and gid.

    Raises SandboxError where no base can be had or the build fails.
    """
    source = replace(await asyncio.to_thread(source_of_host), packages=toolchain.packages)
    pulled = toolchain.image or PULLED_BASE
    own = toolchain_tag(source, toolchain)
    repository = f"greenbar/{toolchain.name}"
    usual = recipe_on(pulled, owner, toolchain.prime, add_python=pulled != PULLED_BASE)
    our_recipe = recipe_on(own, owner, toolchain.prime)
    recipes = {recipe: image_tag(repository, recipe, tools) for recipe in (usual, our_recipe)}
    for tag in recipes.values():
        if await engine.call(partial(has_image, tag=tag)):
            return tag
    make = partial(make_from, engine, tools, notes, progress=progress)
    if await have_pulled(engine, pulled, progress):
        try:
            return await make(usual, recipes[usual], None if pulled == PULLED_BASE else network)
        except SandboxError:
            if pulled == PULLED_BASE:
                raise
            # An image without Python, and no way to its packages: ours has both.
            log.exception("the image %s cannot be used", pulled)
    if not await engine.call(partial(has_image, tag=source.tag)):
        await make_debian(engine, source, cache, progress)
    if not await engine.call(partial(has_image, tag=own)):
        await _add_toolchain(engine, source.tag, own, toolchain, cache, network, notes, progress)
    return await make(our_recipe, recipes[our_recipe], None)


def toolchain_tag(source: Source, toolchain: Toolchain) -> str:
    """The tag of our own base for a toolchain; the bare Debian root where that is enough."""
    if not toolchain.archives:
        return source.tag
    fetched = replace(toolchain, prime="")
    digest = hashlib.sha256(repr((source.tag, fetched)).encode()).hexdigest()
    return f"{BASES}-{toolchain.name}:{digest[:12]}"


async def make_from(
    engine: Engine,
    tools: Tools,
    notes: ImageNotes,
    recipe: str,
    tag: str,
    network: NetworkSettings | None,
    progress: ReportProgress,
) -> str:
    progress("Building the sandbox image", None)
    with await asyncio.to_thread(_context, recipe, tools) as context:
        await engine.call(lambda client: _build(client, context, tag, network))
    await engine.call(lambda client: prune(client, tag, notes))
    progress("The sandbox image is built", 1.0)
    return tag


async def _add_toolchain(
    engine: Engine,
    base: str,
    tag: str,
    toolchain: Toolchain,
    cache: Path,
    network: NetworkSettings,
    notes: ImageNotes,
    progress: ReportProgress,
) -> None:
    path = ":".join(f"{TOOLCHAIN}/{folder}" for folder in toolchain.path)
    recipe = "\n".join(
        (
            f"FROM {base}",
            f'LABEL {LABEL}="1"',
            f"ADD {_TOOLCHAIN_FILE} {TOOLCHAIN}/",
            f"ENV PATH={path}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "",
        )
    )
    await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="toolchain-", dir=cache) as folder:
        archive = Path(folder) / _TOOLCHAIN_FILE
        await fetch_toolchain(toolchain, network.env, archive, progress)
        progress(f"Building an image with {toolchain.name}", None)
        with await asyncio.to_thread(_toolchain_context, recipe, archive) as context:
            await engine.call(lambda client: _build(client, context, tag, None))
    await engine.call(lambda client: prune(client, tag, notes, KEPT_BASES))


async def search_path(engine: Engine, tag: str) -> tuple[str, ...]:
    """The folders of programs that an image brings besides the system's, first ones first."""
    config = await engine.call(lambda client: client.inspect_image(tag)["Config"])
    values = dict(entry.partition("=")[::2] for entry in config.get("Env") or ())
    folders = values.get("PATH", "").split(":")
    return tuple(folder for folder in folders if folder and folder not in _SYSTEM_PATH)


def has_image(client: APIClient, tag: str) -> bool:
    """Whether the engine has an image of this tag."""
    import docker.errors

    try:
        client.inspect_image(tag)
    except docker.errors.ImageNotFound:
        return False
    return True


def prune(client: APIClient, made: str, notes: ImageNotes, keep: int = KEPT_IMAGES) -> None:
    """Remove all images of a repository but those used last: each version of Greenbar leaves one behind.

    The one of the tag ``made`` stays, and whatever a live Greenbar uses. One that a container or an
    environment needs is refused by the engine.
    """
    import docker.errors

    images = client.images(name=made.partition(":")[0], filters={"label": LABEL})
    # An engine that builds from its cache dates an image as at its first build.
    last = {
        image["Id"]: max(int(image["Created"]), *map(notes.last_use, image["RepoTags"] or ("",)))
        for image in images
    }
    images.sort(key=lambda image: -last[image["Id"]])
    for image in images[keep:]:
        for tag in image["RepoTags"] or ():
            if tag == made:
                continue
            with notes.unused(tag) as unused, suppress(docker.errors.APIError):
                if unused:
                    client.remove_image(tag)


async def have_pulled(engine: Engine, image: str, progress: ReportProgress) -> bool:
    if await engine.call(lambda client: has_image(client, image)):
        return True
    progress(f"Fetching {image}", None)
    loop = asyncio.get_running_loop()

    def on_status(text: str) -> None:
        loop.call_soon_threadsafe(progress, f"Fetching {image}: {text}", None)

    return await engine.call(lambda _: _pull(engine, image, on_status))


def _pull(engine: Engine, image: str, on_status: Callable[[str], None]) -> bool:
    """Whether the pull succeeded; no registry is no error, there is another way."""
    import docker.errors
    import requests

    repository, _, tag = image.partition(":")
    client = engine.new_client(_SILENCE_SECONDS)
    said = ""
    try:
        for step in client.pull(repository, tag=tag, stream=True, decode=True):
            if "error" in step:
                return False
            if (status := str(step.get("status", ""))) != said:
                said = status
                on_status(status)
        return has_image(client, image)
    except (docker.errors.DockerException, requests.exceptions.RequestException):
        return False
    finally:
        client.close()


def recipe_on(base: str, owner: tuple[int, int], prime: str = "", *, add_python: bool = False) -> str:
    """The slow part comes first: the engine keeps its layer for images with other tools."""
    uid, gid = owner
    # Without it the first runs are slower, and no more.
    whole = f"mkdir -p {PRIMED_FOLDER}\n(\n{prime}\n) || rm -rf {PRIMED_FOLDER}/*"
    priming = ("/bin/sh", "-c", whole)
    account = f"user:x:{uid}:{gid}::/tmp:/bin/sh"
    known = f"import pwd; pwd.getpwuid({uid})"
    return "\n".join(
        (
            f"FROM {base}",
            f'LABEL {LABEL}="1"',
            *((f"RUN {_PYTHON}",) if add_python else ()),
            *((f"ENV {PRIMED}={PRIMED_FOLDER}", f"RUN {json.dumps(priming)}") if prime else ()),
            f"COPY greenbar {INSIDE_TOOLS}",
            # An old Python cannot read all of our pytest, and has its own.
            f"RUN (python3 -m compileall -q {INSIDE_TOOLS} || true) && mkdir -p /base /work",
            # The engine gives a mounted folder the mode of the one beneath it.
            "RUN chmod 1777 /work /tmp",
            f"RUN python3 -c '{known}' 2>/dev/null || echo {account} >> /etc/passwd",
            "",
        )
    )


def image_tag(repository: str, recipe: str, tools: Tools) -> str:
    digest = hashlib.sha256(f"{recipe}\n{tools.digest}".encode()).hexdigest()
    return f"{repository}:{digest[:12]}"


def _toolchain_context(recipe: str, archive: Path) -> IO[bytes]:
    """In a file: a toolchain is hundreds of megabytes."""
    context = tempfile.TemporaryFile(dir=archive.parent)  # noqa: SIM115
    with tarfile.open(fileobj=context, mode="w") as made:
        _add_dockerfile(made, recipe)
        made.add(archive, _TOOLCHAIN_FILE)
    archive.unlink()
    context.seek(0)
    return context


def _add_dockerfile(archive: tarfile.TarFile, recipe: str) -> None:
    text = recipe.encode()
    dockerfile = tarfile.TarInfo("Dockerfile")
    dockerfile.size = len(text)
    archive.addfile(dockerfile, io.BytesIO(text))


def _context(recipe: str, tools: Tools) -> IO[bytes]:
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
        _add_dockerfile(archive, recipe)
        archive.add(tools.folder, "greenbar", filter=plain)
    buffer.seek(0)
    return buffer


def _build(client: APIClient, context: IO[bytes], tag: str, network: NetworkSettings | None) -> None:
    """``network``: the way out, where the recipe needs one."""
    env = network.env if network else {}
    mode = "none" if network is None else "host" if network.needs_host_network else "bridge"
    said: list[str] = []
    steps = client.build(
        fileobj=context,
        custom_context=True,
        tag=tag,
        rm=True,
        forcerm=True,
        decode=True,
        # Known to every engine, and not kept in the image.
        buildargs={name: value for name, value in env.items() if name.lower() in _PROXIES},
        network_mode=mode,
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
