"""What models are there and what can be had: one row for each, files first.

Looking asks the disk, Ollama and the endpoints side by side, changes nothing, and takes two seconds
at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import GreenbarError, ModelError
from core.models.book import BookContent, EndpointRecord
from core.models.catalogue import CatalogueEntry
from core.models.gguf import read_facts
from core.models.machine import available_memory
from core.models.memory import fit, memory_needed
from core.models.sources import size_of
from core.models.store import ModelStore, part_of
from core.models.surroundings import Surroundings
from core.types import MemoryFit, ModelKind, ModelRow, ModelState

EMBEDDED: Final = "embedded"
_CONTEXT: Final = 8192
"""Tokens that we ask for where nobody says otherwise."""
_MOST_OF_A_SERVER: Final = 20


class ModelOverview:
    """Looks at the models folder of ``store``, the user's own list and the servers of ``surroundings``.

    ``catalogue`` is what can be fetched; its first entry is the one that ``embedded`` means.
    """

    def __init__(
        self,
        store: ModelStore,
        surroundings: Surroundings,
        catalogue: Sequence[CatalogueEntry],
    ) -> None:
        self._store = store
        self._surroundings = surroundings
        self._book = surroundings.book
        self._catalogue = tuple(catalogue)

    async def rows(self) -> tuple[ModelRow, ...]:
        """Raises UsageError where the user's own list cannot be understood."""
        content = await asyncio.to_thread(self._book.read)
        parts = await asyncio.gather(
            asyncio.to_thread(self._files, content),
            self._ollama(),
            self._of_environment(),
            *(self._endpoint(record) for record in content.endpoints),
        )
        rows = [row for part in parts for row in part]
        return tuple(replace(row, chosen=bool(row.spec) and row.spec == content.use) for row in rows)

    # --- files -----------------------------------------------------------------------------------

    def _files(self, content: BookContent) -> list[ModelRow]:
        free = available_memory()
        default = self._catalogue[0]
        named = self._store.named
        if named is not None and self._store.find(default) == named:
            named = None  # the embedded model itself, elsewhere
        rows = [file_row(named, EMBEDDED, free)] if named is not None else []
        for entry in self._catalogue:
            spec = EMBEDDED if entry is default and named is None else f"{EMBEDDED}:{entry.id}"
            rows.append(self._entry(entry, spec, free))
        return rows + [file_row(path, f"{EMBEDDED}:{path}", free) for path in content.files]

    def _entry(self, entry: CatalogueEntry, spec: str, free: int | None) -> ModelRow:
        store = self._store
        ours = store.path(entry)
        found = store.find(entry)
        done, sentence = 0, ""
        if found is not None and store.is_known_bad(found, entry):
            state, sentence = ModelState.DAMAGED, f"{found.name} is not what its makers published."
        elif found is not None:
            state = ModelState.VERIFIED if store.is_verified(found, entry) else ModelState.UNVERIFIED
        elif ours.exists():
            state, sentence = ModelState.DAMAGED, f"{ours.name} has the wrong size."
        elif done := size_of(part_of(ours)):
            state = ModelState.PARTIAL
        else:
            state = ModelState.ABSENT
        needed = memory_needed(entry.size_bytes, entry.context, entry.cache_bytes)
        return ModelRow(
            spec,
            entry.name,
            ModelKind.CATALOGUE,
            state,
            size=entry.size_bytes,
            done=done,
            context=entry.longest_context or entry.context,
            licence=entry.licence,
            good_for=entry.good_for,
            memory=needed,
            fit=fit(needed, free),
            where=str(found or ours),
            sentence=sentence,
        )

    # --- servers ---------------------------------------------------------------------------------

    async def _ollama(self) -> list[ModelRow]:
        host = self._surroundings.ollama_host
        offer = await self._surroundings.look_at_ollama()
        if not offer.models:
            state = ModelState.ABSENT if offer.answered else ModelState.UNREACHABLE
            return [ModelRow("", "Ollama", ModelKind.OLLAMA, state, where=host, sentence=offer.reason)]
        free = available_memory() if self._surroundings.ollama_is_here else None
        return [_of_ollama(row.name, row.size_bytes, host, free) for row in offer.models]

    async def _of_environment(self) -> list[ModelRow]:
        """``OPENAI_BASE_URL``: what it offers, those suited to code first."""
        url = self._surroundings.shown_base_url
        if not url:
            return []
        offer = await self._surroundings.look_at_endpoint()
        if not offer.models:
            state = ModelState.UNREACHABLE
            name = "OPENAI_BASE_URL"
            return [ModelRow("", name, ModelKind.ENDPOINT, state, where=url, sentence=offer.reason)]
        return [
            ModelRow(f"openai:{row.name}", row.name, ModelKind.ENDPOINT, ModelState.SERVED, where=url)
            for row in offer.models[:_MOST_OF_A_SERVER]
        ]

    async def _endpoint(self, record: EndpointRecord) -> list[ModelRow]:
        """One row: the model that it is told for, with what else the server offers in words."""
        row = ModelRow(
            f"endpoint:{record.name}",
            record.model or record.name,
            ModelKind.ENDPOINT,
            ModelState.SERVED,
            where=record.base_url,
        )
        try:
            offered = await self._surroundings.offered_by(record)
        except GreenbarError as error:
            return [replace(row, state=ModelState.UNREACHABLE, sentence=error.sentence)]
        model = record.model or (offered[0] if len(offered) == 1 else "")
        if not model:
            sentence = f"It offers {len(offered)} models; name one, as {row.spec}/MODEL."
            return [replace(row, state=ModelState.UNNAMED, sentence=sentence)]
        others = len(offered) - (model in offered)
        return [replace(row, name=model, good_for=f"The server offers {others} more." if others else "")]


def file_row(path: Path, spec: str, free: int | None) -> ModelRow:
    """A GGUF file of the user's own, judged by its header. Blocks on the disk."""
    row = ModelRow(spec, path.stem, ModelKind.FILE, ModelState.UNVERIFIED, size_of(path), where=str(path))
    try:
        facts = read_facts(path)
    except ModelError as error:
        gone = error.code == "model.file_missing"
        state = ModelState.MISSING if gone else ModelState.DAMAGED
        return replace(row, state=state, sentence=error.sentence)
    context = min(facts.context or _CONTEXT, _CONTEXT)
    needed = memory_needed(row.size, context, facts.cache_bytes)
    kind = " ".join(filter(None, (facts.architecture, facts.quantisation)))
    return replace(
        row,
        name=facts.name,
        context=facts.context,
        memory=needed,
        fit=fit(needed, free),
        good_for=f"Your own file ({kind}).",
    )


def _of_ollama(name: str, size: int, host: str, free: int | None) -> ModelRow:
    needed = memory_needed(size, _CONTEXT) if size else 0
    state = ModelState.SERVED
    return ModelRow(
        f"ollama:{name}",
        name,
        ModelKind.OLLAMA,
        state,
        size,
        memory=needed,
        fit=fit(needed, free) if needed else MemoryFit.UNKNOWN,
        where=host,
    )
