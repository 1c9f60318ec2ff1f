"""From a model spec (``--model``, settings) to a client, and the list of what can be chosen."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.errors import ModelError, UsageError
from core.models import ollama_server
from core.models.anthropic_model import AnthropicModel
from core.models.base import ModelClient, ModelInfo
from core.models.embedded import EmbeddedModel
from core.models.embedded_errors import not_installed
from core.models.endpoint import Endpoint, without_password
from core.models.ollama import OLLAMA_CONTEXT, OllamaModel
from core.models.openai_compatible import OpenAICompatibleModel
from core.models.runtime import check_library
from core.models.scripted import ScriptedModel, read_transcript
from core.models.surroundings import EmbeddedFile, Offer, Surroundings, suits_code
from core.types import ReadinessRow, ReadinessState, Remedy

_PATIENT_SECONDS: Final = 15.0
SPECS: Final = (
    "auto, none, embedded, embedded:NAME, ollama:NAME, openai:NAME, anthropic:NAME, endpoint:NAME"
    " or scripted:PATH"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model is from. ``is_here``: it runs on this machine, and asking it costs nobody money.

    ``fingerprint`` tells it from any other, also one of the same name; with ``True``, only what is known
    without effort. Empty where it is not known.
    """

    is_here: bool
    fingerprint: Callable[[bool], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Resolution:
    """``client`` is ``None`` where no model takes part; ``reasons`` are sentences that say why not."""

    client: ModelClient | None
    reasons: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    notice: str = ""
    """Why it is not the one that the user once chose; a sentence, or empty."""
    origin: Origin | None = None
    """``None`` for a model that is not to be measured."""


class ModelSelector:
    """Chooses among what ``surroundings`` show. ``child_argv`` starts the embedded model's process.

    Choosing is quick and starts nothing: ``client.start()`` does.
    """

    def __init__(self, surroundings: Surroundings, child_argv: Sequence[str] = ()) -> None:
        self._surroundings = surroundings
        self._child_argv = tuple(child_argv)

    async def resolve(self, spec: str, *, embeddings: bool = False) -> Resolution:
        """Take a spec at its word, or choose for ``auto``: what already runs, then the embedded file.

        ``embeddings``: a model that we run ourselves is started for vectors, and for nothing else.

        Raises UsageError for a spec that cannot be read, ModelError where the model that it names
        cannot be had. ``auto`` never raises.
        """
        kind, colon, name = spec.strip().partition(":")
        match kind, bool(colon), name:
            case (("auto" | ""), False, _):
                return await self._choose()
            case "none", False, _:
                return Resolution(None, ("The work goes on without a model, as you chose.",))
            case "embedded", False, _:
                file = await self._surroundings.embedded_file()
                return await self._of_file(file, embeddings=embeddings)
            case "embedded", True, str(name) if name:
                file = await self._surroundings.embedded_file(name)
                return await self._of_file(file, spec.strip(), embeddings=embeddings)
            case "endpoint", True, str(name) if name:
                return await self._of_endpoint_named(spec.strip(), name)
            case "ollama", True, str(name) if name:
                return await self._ollama(name)
            case "openai", True, str(name) if name:
                return _of_server(await self._surroundings.endpoint(), name)
            case "anthropic", True, str(name) if name:
                endpoint = await self._surroundings.anthropic()
                return Resolution(AnthropicModel(endpoint, name), origin=_served(endpoint, name))
            case "scripted", True, str(name) if name:
                answers = await asyncio.to_thread(read_transcript, Path(name))
                return Resolution(ScriptedModel(answers, spec=spec.strip()))
            case _:
                raise UsageError("model.spec", f"{spec!r} is not a model; write {SPECS}.")

    async def _choose(self) -> Resolution:
        looking = self._surroundings
        ollama, endpoint = await asyncio.gather(looking.look_at_ollama(), looking.look_at_endpoint())
        reasons = []
        best = ollama.models[0].name if ollama.models else ""
        if suits_code(best):
            return await self._ollama(best)
        reasons.append(ollama.reason or "Ollama has no model that is made for code.")
        if name := self._of_endpoint(endpoint):
            return _of_server(await looking.endpoint(), name)
        many = f"{looking.base_url} has several models; OPENAI_MODEL names the one to use."
        reasons.append(endpoint.reason or many)
        try:
            found = await self._of_file(await looking.embedded_file())
            return replace(found, reasons=tuple(reasons))
        except ModelError as error:
            return Resolution(None, (*reasons, error.sentence), error.remedies)

    async def _ollama(self, name: str) -> Resolution:
        content = await asyncio.to_thread(self._surroundings.book.read)
        context = content.limit(f"ollama:{name}").context or OLLAMA_CONTEXT
        host = self._surroundings.ollama_host

        async def fingerprint(known_only: bool) -> str:
            return f"ollama:{found}" if (found := await ollama_server.digest(host, name)) else ""

        keep = f"{content.idle_minutes}m" if content.idle_minutes else "-1m"
        client = OllamaModel(host, name, context=context, keep_alive=keep)
        return Resolution(client, origin=Origin(self._surroundings.ollama_is_here, fingerprint))

    async def _of_file(
        self, file: EmbeddedFile, spec: str = "embedded", *, embeddings: bool = False
    ) -> Resolution:
        async def fingerprint(known_only: bool) -> str:
            found = await self._surroundings.store.digest(file.path, known_only=known_only)
            return f"sha256:{found}" if found else ""

        idle = (await asyncio.to_thread(self._surroundings.book.read)).idle_minutes
        client = self._embedded(file, spec, 60.0 * idle, embeddings=embeddings)
        return Resolution(client, origin=Origin(True, fingerprint))

    def _of_endpoint(self, offer: Offer) -> str:
        """The one that the user prefers, or the only one; a guess among many could cost money."""
        names = [record.name for record in offer.models]
        preferred = self._surroundings.preferred_model
        if names and preferred:
            return preferred
        return names[0] if len(names) == 1 else ""

    async def _of_endpoint_named(self, spec: str, name: str) -> Resolution:
        """``NAME`` for the endpoint's own model, ``NAME/MODEL`` for any of it."""
        name, _, model = name.partition("/")
        record = (await asyncio.to_thread(self._surroundings.book.read)).endpoint(name)
        if record is None:
            sentence = f"There is no endpoint {name}."
            remedy = Remedy("Add it", shell=f"greenbar models add http://host:port/v1 --name {name}")
            raise UsageError("model.endpoint", sentence, (remedy,))
        model = model or record.model
        if not model:
            # The user has named this server, so it is waited for.
            offered = await self._surroundings.offered_by(record, _PATIENT_SECONDS)
            if len(offered) != 1:
                sentence = f"The endpoint {name} offers {len(offered)} models; name one."
                remedy = Remedy("Name one", shell=f"greenbar fix PATH --model endpoint:{name}/MODEL")
                raise UsageError("model.endpoint_model", sentence, (remedy,))
            model = offered[0]
        endpoint = await self._surroundings.endpoint_of(record)
        client = OpenAICompatibleModel(endpoint, model, info=ModelInfo(spec, model))
        return Resolution(client, origin=_served(endpoint, model))

    def _embedded(
        self, file: EmbeddedFile, spec: str, idle_seconds: float, *, embeddings: bool
    ) -> EmbeddedModel:
        if not self._child_argv and importlib.util.find_spec("xllamacpp") is None:
            raise not_installed("xllamacpp is not importable")
        store, entry = self._surroundings.store, file.entry
        return EmbeddedModel(
            file.path,
            entry.name if entry else file.path.stem,
            spec=spec,
            context=entry.context if entry else 8192,
            embeddings=embeddings,
            child_argv=self._child_argv,
            idle_seconds=idle_seconds,
            check=lambda path: store.verify(path, entry),
        )

    async def model_row(self) -> ReadinessRow:
        """The doctor's row. The embedded model is ready only where its library can be loaded, which
        takes a process of its own to find out."""
        resolution = await self._choose()
        client = resolution.client
        if client is None:
            remedy = next(iter(resolution.remedies), None)
            return ReadinessRow("Model", ReadinessState.MISSING, resolution.reasons[-1], remedy)
        sentence = f"{client.info.name} is ready ({client.info.spec})."
        if isinstance(client, EmbeddedModel):
            try:
                await check_library(self._child_argv)
                file = await self._surroundings.embedded_file()
            except ModelError as error:
                remedy = next(iter(error.remedies), None)
                return ReadinessRow("Model", ReadinessState.ATTENTION, error.sentence, remedy)
            store, entry = self._surroundings.store, file.entry
            if entry is None or not await asyncio.to_thread(store.is_verified, file.path, entry):
                sentence += " Its file is checked before it is first used."
        return ReadinessRow("Model", ReadinessState.OK, sentence)


def _of_server(endpoint: Endpoint, model: str) -> Resolution:
    return Resolution(OpenAICompatibleModel(endpoint, model), origin=_served(endpoint, model))


def _served(endpoint: Endpoint, model: str) -> Origin:
    """A server does not say which file it serves: its address and the name must do."""

    async def fingerprint(known_only: bool) -> str:
        return f"{without_password(endpoint.base_url)} {model}"

    return Origin(endpoint.is_loopback, fingerprint)
