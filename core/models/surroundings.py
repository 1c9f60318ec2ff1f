"""What models this machine and its environment offer right now: Ollama, an endpoint, the embedded file.

Looking is quick and starts nothing.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from core.errors import GreenbarError, ModelError
from core.models import http_errors, ollama_server, openai_compatible
from core.models.anthropic_model import ANTHROPIC
from core.models.book import EndpointRecord, ModelBook
from core.models.catalogue import CatalogueEntry, entry_of
from core.models.embedded_errors import DOWNLOAD, damaged
from core.models.endpoint import Endpoint, normalise_base_url, without_password
from core.models.keys import KeyStore
from core.models.machine import available_memory
from core.models.store import ModelStore
from core.types import Remedy

_LOG = logging.getLogger("greenbar.models")
_OPENAI: Final = "https://api.openai.com/v1"
_LOOK_SECONDS: Final = 1.5
_FOR_CODE: Final = re.compile(r"cod(e|er|estral)|devstral", re.IGNORECASE)
_GENERAL: Final = re.compile(
    r"qwen|llama|gemma|mistral|gpt|phi|deepseek|granite|glm|claude", re.IGNORECASE
)
_NOT_FOR_CHAT: Final = re.compile(
    r"embed|rerank|guard|ocr|llava|vision|[-_]vl\b|whisper|tts|image|audio|realtime|moderation",
    re.IGNORECASE,
)

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A GGUF file to run ourselves; ``entry`` is ``None`` for one that the catalogue does not know."""

    path: Path
    entry: CatalogueEntry | None


@dataclass(frozen=True, slots=True)
class Offer:
    """What one server offers, or in one sentence why nothing; ``answered`` where it said so itself."""

    models: tuple[ollama_server.OllamaModelRecord, ...] = ()
    reason: str = ""
    answered: bool = False


def suits_code(name: str) -> int:
    """By its name, 2: made for code; 1: a general chat model that writes code; 0: neither."""
    if _NOT_FOR_CHAT.search(name):
        return 0
    if _FOR_CODE.search(name):
        return 2
    return 1 if _GENERAL.search(name) else 0


class Surroundings:
    """Looks at Ollama (``OLLAMA_HOST``), the endpoint (``OPENAI_BASE_URL``) and the models folder."""

    def __init__(
        self,
        store: ModelStore,
        keys: KeyStore,
        environ: Mapping[str, str],
        entry: CatalogueEntry,
        book: ModelBook,
    ) -> None:
        self.store = store
        self.keys = keys
        self.book = book
        self.entry = entry
        self._environ = environ

    @property
    def ollama_host(self) -> str:
        return ollama_server.normalise_host(self._environ.get("OLLAMA_HOST"))

    @property
    def base_url(self) -> str:
        """The endpoint that the user named, or empty."""
        text = self._environ.get("OPENAI_BASE_URL") or self._environ.get("OPENAI_API_BASE") or ""
        return normalise_base_url(text) if text.strip() else ""

    @property
    def shown_base_url(self) -> str:
        """The same for people: without the password that some write into it."""
        return without_password(self.base_url) if self.base_url else ""

    @property
    def ollama_is_here(self) -> bool:
        """False where Ollama runs on another machine, whose memory we cannot see."""
        return Endpoint(self.ollama_host).is_loopback

    @property
    def preferred_model(self) -> str:
        return self._environ.get("OPENAI_MODEL", "").strip()

    async def endpoint(self) -> Endpoint:
        """The endpoint of ``openai:NAME`` with its key. Raises ModelError without a needed key."""
        url = self.base_url or _OPENAI
        try:
            secret = await self.keys.get("openai")
        except ModelError as error:
            if url == _OPENAI:
                raise
            _LOG.info("no key for %s: %s", url, error)
            secret = None
        if secret is None and url == _OPENAI:
            sentence = "OpenAI needs a key, and none is set."
            raise ModelError("model.no_key", sentence, (http_errors.SET_KEY, http_errors.WITHOUT_MODEL))
        return Endpoint(url, secret.value, secret.source) if secret else Endpoint(url)

    async def anthropic(self) -> Endpoint:
        """The endpoint of ``anthropic:NAME`` (``ANTHROPIC_BASE_URL``) with its key. Raises ModelError."""
        url = self._environ.get("ANTHROPIC_BASE_URL", "").strip().rstrip("/") or ANTHROPIC
        secret = await self.keys.get("anthropic")
        if secret is None and url == ANTHROPIC:
            sentence = "Anthropic needs a key, and none is set."
            remedies = (http_errors.SET_ANTHROPIC_KEY, http_errors.WITHOUT_MODEL)
            raise ModelError("model.no_key", sentence, remedies)
        return Endpoint(url, secret.value, secret.source) if secret else Endpoint(url)

    async def look_at_ollama(self) -> Offer:
        """Its models, those suited to code first. Takes 1.5 seconds at most."""
        host = self.ollama_host
        if not await ollama_server.is_listening(host):
            return Offer(reason=f"Ollama is not running at {host}.")
        try:
            models = await _in_time("Ollama", ollama_server.list_models(host, _LOOK_SECONDS))
        except GreenbarError as error:
            return Offer(reason=error.sentence)
        if not models:
            return Offer(reason="Ollama has no model yet.", answered=True)
        return Offer(tuple(sorted(models, key=_ollama_rank, reverse=True)), answered=True)

    async def look_at_endpoint(self) -> Offer:
        """The models of ``OPENAI_BASE_URL``, those suited to code first. Takes 1.5 seconds at most."""
        if not self.base_url:
            return Offer(reason="OPENAI_BASE_URL is not set.")
        try:
            title = f"The server at {without_password(self.base_url)}"
            names = await _in_time(title, self._list_endpoint())
        except GreenbarError as error:
            return Offer(reason=error.sentence)
        ranked = sorted(names, key=suits_code, reverse=True)
        found = tuple(ollama_server.OllamaModelRecord(name, 0) for name in ranked)
        return Offer(found, answered=True)

    async def endpoint_of(self, record: EndpointRecord) -> Endpoint:
        """A server that the user told us of, with its key. Raises ModelError without a needed key."""
        url = normalise_base_url(record.base_url)
        if not record.key:
            return Endpoint(url)
        secret = await self.keys.get(record.key)
        if secret is None:
            sentence = f"The endpoint {record.name} needs the key {record.key}, and none is set."
            remedy = Remedy("Set the key", shell=f"greenbar keys set {record.key}")
            raise ModelError("model.no_key", sentence, (remedy, http_errors.WITHOUT_MODEL))
        return Endpoint(url, secret.value, secret.source)

    async def offered_by(self, record: EndpointRecord, seconds: float = _LOOK_SECONDS) -> tuple[str, ...]:
        """Names of its models. Raises ModelError, after ``seconds`` at most."""
        endpoint = await self.endpoint_of(record)
        listing = openai_compatible.list_models(endpoint, seconds)
        return await _in_time(f"The server at {record.base_url}", listing, seconds)

    async def _list_endpoint(self) -> tuple[str, ...]:
        return await openai_compatible.list_models(await self.endpoint(), _LOOK_SECONDS)

    async def embedded_file(self, name: str = "") -> EmbeddedFile:
        """The file that ``embedded`` means, or ``embedded:NAME``: an entry of the catalogue, or a path.

        Raises ModelError where it is missing or has a wrong size.
        """
        entry = entry_of(name)
        if entry is not None:
            return await asyncio.to_thread(self._file_of_entry, entry)
        if name:
            return await asyncio.to_thread(self._file_at, name)
        return await asyncio.to_thread(self._embedded_file)

    def _file_at(self, name: str) -> EmbeddedFile:
        path = Path(name).expanduser().absolute()
        if not path.is_file():
            raise ModelError("model.file_missing", f"The model file {path} is not there.", (), str(path))
        return EmbeddedFile(path, None)

    def _embedded_file(self) -> EmbeddedFile:
        named = self.store.named
        if named is not None:
            if not named.is_file():
                sentence = f"GREENBAR_MODEL names {named}, which is not there."
                raise ModelError("model.file_missing", sentence, (DOWNLOAD,), str(named))
            ours = named.stat().st_size == self.entry.size_bytes
            return EmbeddedFile(named, self.entry if ours else None)
        return self._file_of_entry(self.entry)

    def _file_of_entry(self, entry: CatalogueEntry) -> EmbeddedFile:
        found = self.store.find(entry)
        if found is not None:
            return EmbeddedFile(found, entry)
        path = self.store.path(entry)
        if path.exists():
            size = path.stat().st_size
            raise damaged(path, f"it has {size:,} bytes, should have {entry.size_bytes:,}")
        sentence = f"The model {entry.name} has not been downloaded yet."
        fetch = Remedy("Fetch it", shell=f"greenbar models pull {entry.id}")
        remedy = DOWNLOAD if entry == self.entry else fetch
        raise ModelError("model.file_missing", sentence, (remedy, http_errors.WITHOUT_MODEL), str(path))


def _ollama_rank(record: ollama_server.OllamaModelRecord) -> tuple[int, bool, int]:
    """Made for code, fits into memory, large: in this order."""
    free = available_memory()
    fits = free is None or record.size_bytes * 1.2 < free
    return suits_code(record.name), fits, record.size_bytes if fits else -record.size_bytes


async def _in_time(title: str, work: Awaitable[_Value], seconds: float = _LOOK_SECONDS) -> _Value:
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError as error:
        raise ModelError("model.timeout", f"{title} did not answer in time.") from error
