"""The composition root of a session: which sandbox, which model, which proposers."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.main import RUN_MODEL_SERVER
from app.paths import Paths
from app.version import version
from core.errors import GreenbarError
from core.redact import Redactor
from core.sandbox.base import Limits, Sandbox
from core.search.base import Proposer
from core.session.readiness import Look
from core.session.services import SessionSettings
from core.testing.base import RunLimits
from core.types import ConsentKind, KeyRow, ModelRow, SandboxKind, Settings, TokenUsage

if TYPE_CHECKING:
    from core.models.book import LimitRecord, ModelBook
    from core.models.keys import KeyStore
    from core.models.manager import ModelManager
    from core.models.select import ModelSelector, Resolution
    from core.models.store import ModelStore
    from core.models.surroundings import Surroundings
    from core.search.strategy import Strategy
    from core.settings.store import SettingsStore

MOST_WORKERS = 4
MEMORY_SHARE = 0.5


def settings_from(
    sandbox: str = "auto",
    model: str = "auto",
    *,
    judge_model: str = "",
    embedding_model: str = "",
    language: str = "",
    proposers: Sequence[str] = (),
    strategy: str = "auto",
    seed: int = 0,
    set_up: bool = True,
    test_seconds: float | None = None,
) -> SessionSettings:
    """Settings for this machine: as many verifiers as cores.

    Who names ``host`` here, on a command line of their own, has consented to it.
    """
    return SessionSettings(
        sandbox=sandbox,
        model=model,
        judge_model=judge_model,
        embedding_model=embedding_model,
        language=language,
        set_up=set_up,
        proposers=tuple(proposers),
        strategy=strategy,
        seed=seed,
        workers=min(os.cpu_count() or 1, MOST_WORKERS),
        consents=frozenset({ConsentKind.HOST} if sandbox == SandboxKind.HOST else ()),
        limits=machine_limits(),
        run_limits=RunLimits() if test_seconds is None else RunLimits(test_seconds=test_seconds),
        own_timeouts=test_seconds is None,
        version=version(),
    )


def settings_of(chosen: Settings) -> SessionSettings:
    """What the user has set, for this machine. A repository may say otherwise on the time of a test."""
    made = settings_from(
        chosen.tests_sandbox,
        chosen.model_use,
        strategy=chosen.search_strategy,
        set_up=chosen.tests_setup,
    )
    return with_limits(made, chosen)


def with_limits(made: SessionSettings, chosen: Settings) -> SessionSettings:
    """``made`` with what the user has set of workers and times, where no option has said otherwise."""
    timed = made.own_timeouts and chosen.tests_timeout
    return replace(
        made,
        workers=chosen.search_workers or made.workers,
        run_limits=RunLimits(test_seconds=chosen.tests_timeout) if timed else made.run_limits,
    )


def machine_limits() -> Limits:
    """All cores, and at most half of the memory, for each worker."""
    return Limits(memory_bytes=min(4 * 1024**3, _half_of_memory()), cpus=float(os.cpu_count() or 1))


def _half_of_memory() -> int:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 4 * 1024**3
    return int(total * MEMORY_SHARE)


class AppServices:
    """:class:`core.session.services.Services` for this machine and user."""

    def __init__(self, paths: Paths, redact: Redactor | None = None) -> None:
        self._paths = paths
        self.redact = redact or Redactor(os.environ)
        """Is taught every key that this program comes to hold."""
        self._keys: KeyStore | None = None

    @property
    def data(self) -> Path:
        return self._paths.data

    @property
    def settings(self) -> SettingsStore:
        from core.settings.store import FILE_NAME, SettingsStore

        return SettingsStore(self._paths.config / FILE_NAME)

    @property
    def cache(self) -> Path:
        return self._paths.cache

    # --- models ----------------------------------------------------------------------------------

    async def resolve_model(self, spec: str, *, embeddings: bool = False) -> Resolution:
        from core.models.select import Resolution

        if spec == "none":
            return Resolution(None)
        if embeddings:
            return await self._selector().resolve(spec, embeddings=True)
        use = (await asyncio.to_thread(self.book.read)).use if spec == "auto" else ""
        if not use:
            return await self._selector().resolve(spec)
        try:
            return await self._selector().resolve(use)
        except GreenbarError as error:
            notice = f"{error.sentence} The best model at hand is used instead of the one you chose."
            return replace(await self._selector().resolve("auto"), notice=notice)

    async def limit(self, spec: str) -> LimitRecord:
        return (await asyncio.to_thread(self.book.read)).limit(spec)

    def cost(self, spec: str, usage: TokenUsage) -> float | None:
        from core.models.prices import load_prices

        return load_prices().cost(spec, usage)

    @property
    def models(self) -> ModelManager:
        from core.models.catalogue import load_catalogue
        from core.models.download import ModelDownloader, default_sources
        from core.models.manager import ModelManager

        downloader = ModelDownloader(self._store(), default_sources(os.environ, self._hugging_face_key))
        return ModelManager(self._store(), downloader, self._surroundings(), load_catalogue())

    async def list_models(self) -> tuple[ModelRow, ...]:
        """Everything that is there or can be had."""
        from core.models.catalogue import load_catalogue
        from core.models.overview import ModelOverview

        return await ModelOverview(self._store(), self._surroundings(), load_catalogue()).rows()

    async def _hugging_face_key(self) -> str:
        try:
            secret = await self.keys.get("hf")
        except GreenbarError:
            return ""  # no keyring: the refusal is what the user is told of
        return secret.value if secret else ""

    @property
    def keys(self) -> KeyStore:
        """One for the whole run: it holds the keys that are for this run only."""
        if self._keys is None:
            from core.models.keys import KeyStore

            self._keys = KeyStore(os.environ, learn=self.redact.learn)
        return self._keys

    @property
    def book(self) -> ModelBook:
        from core.models.book import ModelBook

        return ModelBook(self._paths.config / "models.toml")

    async def list_keys(self, *more: str) -> tuple[tuple[KeyRow, ...], str]:
        """Every key by name, those of endpoints too; then why the keyring cannot keep any, or nothing."""
        content = await asyncio.to_thread(self.book.read)
        return await self.keys.rows((*(record.key for record in content.endpoints if record.key), *more))

    def _selector(self) -> ModelSelector:
        from core.models.select import ModelSelector

        return ModelSelector(self._surroundings(), _child_argv())

    def _surroundings(self) -> Surroundings:
        from core.models.catalogue import default_entry
        from core.models.surroundings import Surroundings

        return Surroundings(self._store(), self.keys, os.environ, default_entry(), self.book)

    def _store(self) -> ModelStore:
        from core.models.store import ModelStore

        return ModelStore(self._paths.models, os.environ)

    # --- sandboxes and the rest ------------------------------------------------------------------

    async def choose_sandbox(self, spec: str) -> Sandbox:
        from core.sandbox.choose import choose

        return await choose(spec, self._paths.cache, machine_limits())

    async def start_docker(self) -> None:
        from core.sandbox.doctor import start_docker

        await start_docker()

    def looks(self) -> Mapping[str, Look]:
        from core.sandbox.doctor import looks

        models = self._selector()
        return {**looks(self._paths.cache), "Model": models.model_row, "Keyring": self.keys.readiness}

    async def make_sample(self) -> Path:
        from app.sample import make_sample

        return await asyncio.to_thread(make_sample, self._paths.data / "samples")

    def proposers(self) -> Sequence[Proposer]:
        from core.search.crossover import CrossoverProposer
        from core.search.decompose import DecomposeProposer
        from core.search.direct import DirectProposer
        from core.search.explain import ExplainProposer
        from core.search.infill import InfillProposer
        from core.search.lines import LineProposer
        from core.search.mutation import MutationProposer
        from core.search.narrow import NarrowProposer
        from core.search.pieces import PiecesProposer
        from core.search.plan import PlanProposer
        from core.search.refine import RefineProposer
        from core.search.rivals import RivalsProposer
        from core.search.rules.proposer import RuleProposer
        from core.search.runtime_debug import RuntimeDebugProposer
        from core.search.siblings import SiblingsProposer
        from core.search.syntax import SyntaxProposer
        from core.search.transplant import TransplantProposer
        from core.search.whole_file import WholeFileProposer

        return (
            SyntaxProposer(),
            RuleProposer(),
            MutationProposer(),
            LineProposer(),
            TransplantProposer(),
            InfillProposer(),
            DirectProposer(),
            ExplainProposer(),
            RefineProposer(),
            RuntimeDebugProposer(),
            PlanProposer(),
            SiblingsProposer(),
            PiecesProposer(),
            DecomposeProposer(),
            CrossoverProposer(),
            NarrowProposer(),
            RivalsProposer(),
            WholeFileProposer(),
        )

    def strategies(self) -> Sequence[Strategy]:
        from core.search.strategy_file import own_strategies, shipped_strategies

        return (*shipped_strategies(), *own_strategies(self._paths.config / "strategies"))


def _child_argv() -> tuple[str, ...]:
    """How a frozen build starts the model's process; empty where Python itself can."""
    return (sys.executable, RUN_MODEL_SERVER) if getattr(sys, "frozen", False) else ()
