"""What a session needs from the rest of core, on one screen; composed in ``app``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.models.book import LimitRecord
from core.models.keys import KeyStore
from core.models.manager import ModelManager
from core.models.select import Resolution
from core.sandbox.base import Limits, Sandbox
from core.search.base import Proposer
from core.search.strategy import Strategy
from core.session.readiness import Look
from core.settings.store import SettingsStore
from core.testing.base import RunLimits
from core.types import ConsentKind, KeyRow, ModelRow, TokenUsage


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """Choices that hold for a session. Specs are as on the command line."""

    sandbox: str = "auto"
    model: str = "auto"
    """For proposing, and for whatever else has none of its own."""
    judge_model: str = ""
    """For judging and questions; empty: the same."""
    embedding_model: str = ""
    """For vectors; empty: none."""
    language: str = ""
    """The name of a language file; empty: the one that the repository says or looks like."""
    set_up: bool = True
    """Whether the repository's test requirements may be installed at all."""
    proposers: tuple[str, ...] = ()
    """Names of those of the strategy that may propose; empty: all."""
    strategy: str = "auto"
    seed: int = 0
    """For what a search leaves to chance."""
    history: bool = True
    """Whether tasks are kept for the history; not those of a bench."""
    second_judge: bool = True
    """Whether agreement and proposed properties take part in choosing among those that pass."""
    workers: int = 2
    """How many candidates are verified at once."""
    consents: frozenset[ConsentKind] = frozenset()
    """What the user has allowed beforehand, for every repository of this session."""
    limits: Limits = field(default_factory=Limits)
    run_limits: RunLimits = field(default_factory=RunLimits)
    version: str = ""
    """Greenbar's, for what is written about its work."""
    prove: bool = True
    """Whether a green fix is left out again, to see that the tests notice."""
    own_timeouts: bool = True
    """Whether the repository may say how long its tests take; not where the user has said it."""


class Services(Protocol):
    """The outside of a session: folders, sandboxes, models."""

    @property
    def data(self) -> Path:
        """For what must last: journals, accepts, consents, models."""

    @property
    def settings(self) -> SettingsStore:
        """The user's own."""

    @property
    def cache(self) -> Path:
        """For what can be made again: private copies, environments."""

    async def choose_sandbox(self, spec: str) -> Sandbox:
        """Raises SandboxError with code ``sandbox.none`` where nothing isolates."""

    async def resolve_model(self, spec: str, *, embeddings: bool = False) -> Resolution:
        """Raises UsageError or ModelError for a spec that cannot be had; ``auto`` never raises.
        ``embeddings``: it is wanted for vectors and nothing else."""

    async def limit(self, spec: str) -> LimitRecord:
        """What the user has set for a model's context and prompts."""

    def cost(self, spec: str, usage: TokenUsage) -> float | None:
        """US dollars for what a model has read and written; ``None`` where its price is not known."""

    @property
    def models(self) -> ModelManager:
        """Fetches, verifies, deletes and adds models."""

    @property
    def keys(self) -> KeyStore:
        """One for the whole run."""

    async def list_models(self) -> tuple[ModelRow, ...]:
        """Everything that is there or can be had."""

    async def list_keys(self) -> tuple[tuple[KeyRow, ...], str]:
        """Where each key is from, and why the keyring cannot keep any, or nothing."""

    def looks(self) -> Mapping[str, Look]:
        """The doctor's looks, by the subjects of their rows, in the order of the table."""

    async def start_docker(self) -> None:
        """Raises SandboxError."""

    async def make_sample(self) -> Path:
        """A fresh git repository of the bundled sample."""

    def proposers(self) -> Sequence[Proposer]:
        """Every one that there is, as its constructor makes it."""

    def strategies(self) -> Sequence[Strategy]:
        """Those that come with Greenbar, then the user's own. Raises UsageError for a file that cannot
        be used."""
