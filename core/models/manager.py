"""Fetch, verify, delete, add and choose models, whatever runs them. What is there: see ``overview``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import ModelError, UsageError
from core.models import ollama_server
from core.models.book import EndpointRecord, LimitRecord
from core.models.catalogue import CatalogueEntry
from core.models.download import ModelDownloader, held
from core.models.gguf import read_facts
from core.models.overview import EMBEDDED
from core.models.progress import OnProgress, reporter
from core.models.store import ModelStore
from core.models.surroundings import Surroundings
from core.types import Remedy

_LIST: Final = Remedy("List the models", shell="greenbar models list")


@dataclass(frozen=True, slots=True)
class Named:
    """What a spec means to the manager; exactly one of these is set."""

    entry: CatalogueEntry | None = None
    file: Path | None = None
    ollama: str = ""
    endpoint: str = ""


class ModelManager:
    """Works on the models folder of ``store``, the user's own list and the servers of ``surroundings``.

    ``catalogue`` is what can be fetched; its first entry is the one that ``embedded`` means.
    """

    def __init__(
        self,
        store: ModelStore,
        downloader: ModelDownloader,
        surroundings: Surroundings,
        catalogue: Sequence[CatalogueEntry],
    ) -> None:
        self._store = store
        self._downloader = downloader
        self._surroundings = surroundings
        self._book = surroundings.book
        self._catalogue = tuple(catalogue)

    async def pull(self, spec: str, on_progress: OnProgress, given: Path | None = None) -> str:
        """Fetch a model of the catalogue (a file that is there already is only checked), or have Ollama
        fetch one. Returns in a sentence what came of it. Raises UsageError, ModelError."""
        match self._named(spec):
            case Named(entry=CatalogueEntry() as entry):
                path = await self._downloader.fetch(entry, on_progress, given)
                return f"{entry.name} is ready: {path}"
            case Named(ollama=str(name)) if name:
                async with aclosing(ollama_server.pull(self._surroundings.ollama_host, name)) as steps:
                    async for step in steps:
                        on_progress(step)
                return f"Ollama has {name}."
            case _:
                raise self._not("fetched", spec)

    async def verify(self, spec: str, on_progress: OnProgress) -> str:
        """Read the file whole and compare. Raises UsageError, ModelError ``model.file_damaged``."""
        match self._named(spec):
            case Named(entry=CatalogueEntry() as entry):
                path = await asyncio.to_thread(self._store.find, entry) or self._store.path(entry)
                if not path.exists():
                    raise ModelError("model.file_missing", f"{entry.name} has not been downloaded yet.")
                report = reporter("Checking the file", entry.size_bytes, on_progress)
                await self._store.verify(path, entry, report, again=True)
                return f"{path.name} is what its makers published."
            case Named(file=Path() as path):
                await asyncio.to_thread(read_facts, path)
                return f"{path.name} is whole; there is no published hash to compare it with."
            case _:
                raise self._not("verified", spec)

    async def delete(self, spec: str) -> str:
        """Delete a file of ours or a model of Ollama's; of what is the user's own, forget where it is.
        Raises UsageError, ModelError."""
        match self._named(spec):
            case Named(entry=CatalogueEntry() as entry):
                return await self._delete_file(entry)
            case Named(file=Path() as path):
                await asyncio.to_thread(self._book.forget_file, path)
                sentence = f"{path.name} is no longer listed; the file itself was not touched."
            case Named(ollama=str(name)) if name:
                await ollama_server.delete(self._surroundings.ollama_host, name)
                sentence = f"Ollama has deleted {name}."
            case Named(endpoint=name):
                await asyncio.to_thread(self._book.forget_endpoint, name)
                sentence = f"The endpoint {name} is forgotten; its key stays in the keyring."
        return sentence

    async def add_file(self, path: Path) -> str:
        """List a GGUF file of the user's own, where it is; returns a sentence. Raises ModelError."""
        return await asyncio.to_thread(self._add_file, path)

    def _add_file(self, path: Path) -> str:
        path = path.expanduser().absolute()
        read_facts(path)
        try:
            str(path).encode()
        except UnicodeEncodeError as error:
            sentence = f"The name of {path.parent} is not UTF-8, so it cannot be kept in a list."
            raise ModelError("model.bad_path", sentence) from error
        self._book.add_file(path)
        return f"{path.name} is listed as {EMBEDDED}:{path}."

    async def add_endpoint(self, record: EndpointRecord) -> str:
        """List a server that speaks the OpenAI protocol; returns a sentence. Raises UsageError."""
        await asyncio.to_thread(self._book.put_endpoint, record)
        return f"{record.base_url} is listed as endpoint:{record.name}."

    async def use(self, spec: str) -> None:
        """What ``auto`` means from now on, for every run; ``auto`` for the best at hand."""
        await asyncio.to_thread(self._book.use, spec)

    async def limit(self, record: LimitRecord) -> str:
        """Set the context or the longest prompt of a model; returns a sentence. Raises UsageError."""
        await asyncio.to_thread(self._book.limit, record)
        parts = [f"is asked for a context of {record.context:,} tokens"] if record.context else []
        parts += [f"gets prompts of at most {record.prompt:,} tokens"] if record.prompt else []
        if not parts:
            return f"The limits of {record.spec} are forgotten."
        return f"From now on {record.spec} {' and '.join(parts)}."

    async def idle(self, minutes: int) -> str:
        """After how long without use a model leaves the memory; returns a sentence. Raises UsageError."""
        await asyncio.to_thread(self._book.idle, minutes)
        if not minutes:
            return "From now on a model stays in memory until Greenbar ends, or Ollama does."
        return f"From now on a model leaves the memory after {minutes} minutes without use."

    # --- inner -----------------------------------------------------------------------------------

    def _named(self, spec: str) -> Named:
        """Raises UsageError for what is no model of ours."""
        kind, _, name = spec.strip().partition(":")
        entries = {entry.id: entry for entry in self._catalogue}
        if kind in ("", EMBEDDED) and not name:
            return Named(entry=self._catalogue[0])
        if (found := entries.get(name if kind == EMBEDDED else spec.strip())) is not None:
            return Named(entry=found)
        if kind == EMBEDDED:
            return Named(file=Path(name).expanduser().absolute())
        if kind == "ollama" and name:
            return Named(ollama=name)
        if kind == "endpoint" and name:
            return Named(endpoint=name.partition("/")[0])
        known = ", ".join([EMBEDDED, *list(entries)[1:], "ollama:NAME"])
        raise UsageError("model.spec", f"{spec!r} is not a model; write {known}.", (_LIST,))

    def _not(self, what: str, spec: str) -> UsageError:
        return UsageError("model.spec", f"{spec} cannot be {what} here.", (_LIST,))

    async def _delete_file(self, entry: CatalogueEntry) -> str:
        ours = self._store.path(entry)
        found = await asyncio.to_thread(self._store.find, entry)
        if found is not None and found != ours and not ours.exists():
            sentence = f"{found} belongs to another program; delete it there."
            raise ModelError("model.not_ours", sentence)
        try:
            if not self._store.folder.is_dir():
                freed = 0
            else:
                async with held(self._store.lock(entry)):
                    freed = await asyncio.to_thread(self._store.forget, entry)
        except OSError as error:
            sentence = f"{ours} cannot be deleted."
            raise ModelError("model.folder", sentence, (), str(error)) from error
        if not freed:
            return f"Nothing of {entry.name} is here."
        return f"{entry.name} is deleted; {freed / 1e9:.1f} GB are free again."
