"""What the user has told us of models: which to use, files of their own, endpoints. No secrets.

One TOML file in the configuration folder, meant to be read and edited by people as well.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from core.atomic import write_atomic
from core.errors import UsageError
from core.models.keys import check_name
from core.types import Remedy

_HEAD: Final = """\
# Models that Greenbar was told of. Keys are never kept here: see `greenbar keys`.
"""
_BUILT_IN_NAMES: Final = frozenset({"openai", "anthropic", "hf", "ollama", "embedded"})


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """A server that speaks the OpenAI protocol. ``key`` is the name of its key, empty where it needs
    none; ``model`` the one that ``endpoint:NAME`` means, empty where its only one is meant."""

    name: str
    base_url: str
    model: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class LimitRecord:
    """Tokens for the model ``spec``: the ``context`` that a server is asked for, and the longest
    ``prompt`` that is sent; 0 leaves either as it is."""

    spec: str
    context: int = 0
    prompt: int = 0


IDLE_MINUTES: Final = 15
OPENROUTER: Final = EndpointRecord("openrouter", "https://openrouter.ai/api/v1", key="openrouter")
"""Known without being told; ``endpoint:openrouter/MODEL``."""


@dataclass(frozen=True, slots=True)
class BookContent:
    """``use`` is the spec that ``auto`` means, empty for the best at hand; ``files`` are absolute."""

    use: str = ""
    files: tuple[Path, ...] = ()
    endpoints: tuple[EndpointRecord, ...] = ()
    limits: tuple[LimitRecord, ...] = ()
    idle_minutes: int = IDLE_MINUTES
    """How long a model of ours, or of Ollama's, stays in memory unused; 0: while the program runs."""

    def limit(self, spec: str) -> LimitRecord:
        """The limits of a model; zeros where the user has set none."""
        found = (record for record in self.limits if record.spec == spec)
        return next(found, LimitRecord(spec))

    def endpoint(self, name: str) -> EndpointRecord | None:
        """The user's own of this name, else the one that we know ourselves."""
        known = (*self.endpoints, OPENROUTER)
        return next((record for record in known if record.name == name), None)


class ModelBook:
    """Reads anew each time, so that two programs and an editor may share the file. Blocks on the disk.

    Every method raises UsageError where the file cannot be understood, and then leaves it as it is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> BookContent:
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return BookContent()
        except (OSError, ValueError) as error:
            raise self._unreadable(str(error)) from error
        try:
            return _parse(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise self._unreadable(f"{type(error).__name__}: {error}") from error

    def use(self, spec: str) -> None:
        """What ``auto`` means from now on; ``auto`` itself is the best at hand."""
        self._write(replace(self.read(), use="" if spec == "auto" else spec))

    def add_file(self, path: Path) -> None:
        content = self.read()
        self._write(replace(content, files=tuple(dict.fromkeys((*content.files, path)))))

    def forget_file(self, path: Path) -> None:
        content = self.read()
        self._write(replace(content, files=tuple(known for known in content.files if known != path)))

    def put_endpoint(self, record: EndpointRecord) -> None:
        """Add an endpoint, or replace the one of its name. Raises UsageError for a bad name or URL."""
        check_endpoint(record)
        content = self.read()
        others = tuple(known for known in content.endpoints if known.name != record.name)
        self._write(replace(content, endpoints=(*others, record)))

    def forget_endpoint(self, name: str) -> None:
        content = self.read()
        kept = tuple(known for known in content.endpoints if known.name != name)
        self._write(replace(content, endpoints=kept))

    def limit(self, record: LimitRecord) -> None:
        """Set both limits of a model anew; with zeros, forget them. Raises UsageError."""
        if not record.spec or min(record.context, record.prompt) < 0:
            raise UsageError("model.limit", "A limit is a number of tokens above zero.")
        content = self.read()
        others = tuple(known for known in content.limits if known.spec != record.spec)
        kept = (record,) if record.context or record.prompt else ()
        self._write(replace(content, limits=(*others, *kept)))

    def idle(self, minutes: int) -> None:
        """After how long without use a model leaves the memory; 0: never. Raises UsageError."""
        if minutes < 0:
            raise UsageError("model.idle", "Write a number of minutes, or 0 to keep models in memory.")
        self._write(replace(self.read(), idle_minutes=minutes))

    def _write(self, content: BookContent) -> None:
        write_atomic(self._path, _render(content).encode())

    def _unreadable(self, details: str) -> UsageError:
        sentence = f"The list of models {self._path} cannot be understood."
        remedy = Remedy("Correct it, or move it away", shell=f"mv {self._path} {self._path}.old")
        return UsageError("model.book", sentence, (remedy,), details)


def check_endpoint(record: EndpointRecord) -> None:
    """Raises UsageError for a name that means something else, or an address that is none."""
    check_name(record.name)
    if record.name in _BUILT_IN_NAMES:
        raise UsageError("model.endpoint_name", f"{record.name} means something else; take another name.")
    parts = urlsplit(record.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        sentence = f"{record.base_url} is not the address of a server; write http://host:port/v1."
        raise UsageError("model.endpoint_url", sentence)
    if parts.password or parts.username:
        sentence = "The address holds a password; give the key by itself."
        raise UsageError(
            "model.endpoint_secret",
            sentence,
            (Remedy("Set the key", shell=f"greenbar keys set {record.name}"),),
        )


def _parse(data: dict[str, Any]) -> BookContent:
    endpoints = tuple(EndpointRecord(**_texts(row)) for row in data.get("endpoint", ()))
    files = tuple(Path(_texts(row)["path"]) for row in data.get("file", ()))
    limits = tuple(
        LimitRecord(str(row["spec"]), int(row.get("context", 0)), int(row.get("prompt", 0)))
        for row in data.get("limit", ())
    )
    idle = data.get("idle_minutes", IDLE_MINUTES)
    if not isinstance(idle, int) or isinstance(idle, bool) or idle < 0:
        raise TypeError("idle_minutes must be a number of minutes, or 0")
    return BookContent(str(data.get("use", "")), files, endpoints, limits, idle)


def _texts(row: dict[str, Any]) -> dict[str, str]:
    if not all(isinstance(value, str) for value in row.values()):
        raise TypeError("every value must be a text in quotes")
    return row


def _render(content: BookContent) -> str:
    lines = [_HEAD]
    if content.use:
        lines.append(f"use = {_quoted(content.use)}\n")
    if content.idle_minutes != IDLE_MINUTES:
        lines.append(f"idle_minutes = {content.idle_minutes}\n")
    for path in content.files:
        lines += ["[[file]]", f"path = {_quoted(str(path))}\n"]
    for record in content.endpoints:
        lines += [
            "[[endpoint]]",
            f"name = {_quoted(record.name)}",
            f"base_url = {_quoted(record.base_url)}",
        ]
        lines += [
            f"{field} = {_quoted(value)}"
            for field, value in (("model", record.model), ("key", record.key))
            if value
        ]
        lines.append("")
    for limit in content.limits:
        lines += ["[[limit]]", f"spec = {_quoted(limit.spec)}"]
        sizes = (("context", limit.context), ("prompt", limit.prompt))
        lines += [f"{field} = {tokens}" for field, tokens in sizes if tokens]
        lines.append("")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A TOML basic string. JSON's escapes are TOML's, but for those of surrogates and of DEL."""
    plain = json.dumps(text, ensure_ascii=False)
    return re.sub("\x7f", "\\\\u007f", plain)
