"""The models that Greenbar can fetch and run itself, from ``resources/models/catalogue.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class HuggingFaceFile:
    repository: str
    revision: str


@dataclass(frozen=True, slots=True)
class WheelParts:
    """A file cut into wheels. Names take the part's number, counted from 1."""

    distribution: str
    version: str
    parts: int
    member: str

    def requirement(self, number: int) -> str:
        """A pinned requirement specifier, e.g. ``name-part3==0.2.0``."""
        return f"{self.distribution.format(n=number)}=={self.version}"

    def member_of(self, number: int) -> str:
        """Path of the data inside the wheel."""
        return self.member.format(n=number, nn=f"{number:02d}")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One GGUF file. ``size_bytes`` and ``sha256`` (hex) are the file's; contexts are in tokens."""

    id: str
    name: str
    file: str
    size_bytes: int
    sha256: str
    licence: str
    context: int
    """What we run it with."""
    longest_context: int = 0
    cache_bytes: int = 0
    """Of the key-value cache for each token of context; 0 where unknown."""
    good_for: str = ""
    hugging_face: HuggingFaceFile | None = None
    wheels: WheelParts | None = None


@cache
def load_catalogue() -> tuple[CatalogueEntry, ...]:
    """Every entry, the default one first."""
    text = resources.files("resources").joinpath("models", "catalogue.toml").read_text("utf-8")
    entries = []
    for row in tomllib.loads(text)["model"]:
        hugging_face = row.pop("hugging_face", None)
        wheels = row.pop("wheels", None)
        entries.append(
            CatalogueEntry(
                **row,
                hugging_face=HuggingFaceFile(**hugging_face) if hugging_face else None,
                wheels=WheelParts(**wheels) if wheels else None,
            )
        )
    return tuple(entries)


def entry_of(id: str) -> CatalogueEntry | None:  # noqa: A002
    """The entry with this id."""
    return next((entry for entry in load_catalogue() if entry.id == id), None)


def default_entry() -> CatalogueEntry:
    """The model that ``embedded`` means."""
    return load_catalogue()[0]
