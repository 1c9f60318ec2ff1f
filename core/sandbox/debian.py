"""A Debian (or Ubuntu) base image without any image registry, by debootstrap.

debootstrap's first stage only fetches and unpacks; fakeroot is enough for it. The second stage
needs root and runs in a container without network, so neither sudo nor a chroot of ours is needed.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SandboxError
from core.sandbox import external
from core.sandbox.base import ReportProgress
from core.sandbox.engine import Engine
from core.types import Remedy

if TYPE_CHECKING:
    from docker import APIClient

DEFAULT_SUITE = "bookworm"
REPOSITORY = "greenbar/debian"
INCLUDE = ("python3", "python3-venv", "ca-certificates", "git")
_SECOND_STAGE_SECONDS = 900
_DPKG = """\
# A container image needs neither safe writes while it is made nor documentation.
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Which Debian to make, and from where; ``mirror`` empty means debootstrap's default."""

    suite: str = DEFAULT_SUITE
    mirror: str = ""
    components: str = "main"
    packages: tuple[str, ...] = ()
    """What is installed beside INCLUDE."""

    @property
    def tag(self) -> str:
        return f"{REPOSITORY}:{'-'.join((self.suite, *self.packages))[:128]}"


def source_of_host(etc: Path = Path("/etc")) -> Source:
    """The host's own suite and mirror where it is Debian or Ubuntu, else Debian's default."""
    try:
        text = (etc / "os-release").read_text("utf-8")
    except OSError:
        return Source()
    fields = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
    suite = fields.get("VERSION_CODENAME", "")
    if fields.get("ID") not in ("debian", "ubuntu") or not suite:
        return Source()
    components = "main,universe" if fields["ID"] == "ubuntu" else "main"
    return Source(suite, _mirror(etc / "apt", suite), components)


async def make_debian(engine: Engine, source: Source, cache: Path, progress: ReportProgress) -> None:
    """Make the image ``source.tag``. Raises SandboxError where it cannot be made."""
    prefix = _privilege()
    progress("Making a Debian base image, about a minute", 0.0)
    folder = await asyncio.to_thread(_make_folder, cache)
    try:
        root, archive = folder / "root", folder / "root.tar"
        script = _first_stage_script(source, root, archive)
        first = await external.run([*prefix, "/bin/sh", "-c", script], on_line=_FirstStage(progress))
        if first.status:
            raise _cannot(first.tail)
        progress("Unpacking the Debian base image", 0.4)
        await engine.call(lambda client: _import(client, archive, f"{source.tag}-unpacked"))
    finally:
        await external.run([*prefix, "rm", "-rf", os.fspath(folder)])
    progress("Configuring the Debian base image", 0.5)
    try:
        await engine.call(lambda client: _second_stage(client, source))
    finally:
        await engine.call(lambda client: client.remove_image(f"{source.tag}-unpacked", force=True))
    progress("The Debian base image is made", 1.0)


def _make_folder(cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="debian-", dir=cache))


def _privilege() -> list[str]:
    if shutil.which("debootstrap", path=_PATH) is None:
        raise SandboxError(
            "sandbox.debootstrap_missing",
            "No image registry can be reached, and debootstrap is not installed.",
            (Remedy("Install debootstrap", shell="sudo apt install debootstrap fakeroot"),),
        )
    if os.geteuid() == 0:
        return []
    if shutil.which("fakeroot") is None:
        raise SandboxError(
            "sandbox.fakeroot_missing",
            "No image registry can be reached, and fakeroot is not installed.",
            (Remedy("Install fakeroot", shell="sudo apt install fakeroot"),),
        )
    return ["fakeroot"]


_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def _first_stage_script(source: Source, root: Path, archive: Path) -> str:
    """One script, because fakeroot forgets owners and devices when it ends."""
    options = ["--foreign", "--variant=minbase", "--force-check-gpg"]
    options += [
        f"--components={source.components}",
        f"--include={','.join((*INCLUDE, *source.packages))}",
    ]
    command = ["debootstrap", *options, source.suite, os.fspath(root)]
    if source.mirror:
        command.append(source.mirror)
    place, made = shlex.quote(os.fspath(root)), shlex.quote(os.fspath(archive))
    return "\n".join(
        (
            "set -e",
            f"PATH={shlex.quote(_PATH)}; export PATH",
            shlex.join(command),
            f"mkdir -p {place}/etc/dpkg/dpkg.cfg.d",
            f"printf %s {shlex.quote(_DPKG)} > {place}/etc/dpkg/dpkg.cfg.d/greenbar",
            f"tar -C {place} --numeric-owner -cf {made} .",
        )
    )


class _FirstStage:
    """debootstrap's lines as progress; it tells no fractions, so the count of packages has to do."""

    def __init__(self, progress: ReportProgress) -> None:
        self._progress = progress
        self._packages = 0

    def __call__(self, line: str) -> None:
        if found := re.match(r"I: (Retrieving|Extracting) (\S+)", line):
            self._packages += 1
            self._progress(f"{found[1]} {found[2]}", min(0.39, self._packages / 600))


def _import(client: APIClient, archive: Path, tag: str) -> None:
    repository, _, name = tag.partition(":")
    with archive.open("rb") as stream:
        client.import_image_from_data(stream, repository=repository, tag=name)


def _second_stage(client: APIClient, source: Source) -> None:
    script = "/debootstrap/debootstrap --second-stage && apt-get clean && rm -rf /debootstrap"
    container = client.create_container(
        f"{source.tag}-unpacked",
        ["/bin/sh", "-c", script],
        environment={"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
        host_config=client.create_host_config(network_mode="none"),
        labels={"greenbar": "1"},
    )
    try:
        client.start(container)
        status = client.wait(container, timeout=_SECOND_STAGE_SECONDS)["StatusCode"]
        if status:
            log = client.logs(container, tail=60)
            raise _cannot(log.decode("utf-8", "replace"))
        # Export and import, not commit: one layer, without what the second stage deleted.
        repository, _, name = source.tag.partition(":")
        client.import_image_from_data(client.export(container), repository=repository, tag=name)
    finally:
        client.remove_container(container, force=True, v=True)


def _cannot(details: str) -> SandboxError:
    return SandboxError(
        "sandbox.image",
        "The base image cannot be made: no image registry can be reached, and debootstrap failed.",
        (Remedy("Fetch it by hand", shell="docker pull python:3.12-slim"),),
        details[-8000:],
    )


def _mirror(apt: Path, suite: str) -> str:
    """The first mirror of ``suite`` in the host's package sources, or empty."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for path in files:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if path.suffix == ".sources":
            found = _deb822_mirror(text, suite)
        elif path.suffix == ".list":
            pattern = rf"^deb\s+(?:\[[^\]]*\]\s+)?(https?://\S+)\s+{re.escape(suite)}\s"
            matched = re.search(pattern, text, re.MULTILINE)
            found = matched[1] if matched else ""
        else:
            continue
        if found:
            return found
    return ""


def _deb822_mirror(text: str, suite: str) -> str:
    for stanza in re.split(r"\n\s*\n", text):
        lines = [line for line in stanza.splitlines() if not line.startswith("#")]
        fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", "\n".join(lines), re.MULTILINE))
        uris = [uri for uri in fields.get("URIs", "").split() if uri.startswith("http")]
        if uris and suite in fields.get("Suites", "").split() and "deb" in fields.get("Types", ""):
            return str(uris[0])
    return ""
