"""Real projects: source distributions from the package index, kept in the user's cache folder.

Never committed, fetched once, checked by hash. The index is the one that pip and uv use on this
machine; nothing else on the network is asked.
"""

from __future__ import annotations

import hashlib
import html
import re
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx

from app.paths import find_paths
from core.sandbox.installer import network_settings

_PUBLIC_INDEX = "https://pypi.org/simple"
_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Sdist:
    """One pinned source distribution; ``sha256`` is that of the archive."""

    project: str
    version: str
    sha256: str

    @property
    def folder(self) -> str:
        """The archive's only folder, and its name without ``.tar.gz``."""
        return f"{self.project.replace('-', '_')}-{self.version}"


def unpacked(sdist: Sdist, target: Path) -> Path:
    """The project's files below ``target``; fetches the archive where the cache lacks it."""
    with tarfile.open(_archive(sdist)) as archive:
        archive.extractall(target, filter="data")
    return target / sdist.folder


def _archive(sdist: Sdist) -> Path:
    name = f"{sdist.folder}.tar.gz"
    kept = find_paths().cache / "bench" / name
    if not kept.exists() or _digest(kept.read_bytes()) != sdist.sha256:
        data = _fetch(sdist.project, name)
        if _digest(data) != sdist.sha256:
            raise ValueError(f"{name} is not the archive that its hash promises")
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(kept)
    return kept


def _fetch(project: str, name: str) -> bytes:
    """By the index's page of the project (the simple repository API, PEP 503)."""
    index = network_settings().env.get("UV_DEFAULT_INDEX", _PUBLIC_INDEX)
    with httpx.Client(timeout=_SECONDS, follow_redirects=True) as client:
        page = client.get(f"{index.rstrip('/')}/{project}/", headers={"Accept": "text/html"})
        page.raise_for_status()
        links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', page.text)]
        wanted = [link for link in links if link.partition("#")[0].endswith(f"/{name}")]
        if not wanted:
            raise ValueError(f"{name} is not in the index")
        answer = client.get(urljoin(str(page.url), wanted[0].partition("#")[0]))
        answer.raise_for_status()
        return answer.content


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
