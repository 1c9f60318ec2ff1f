"""Which model is asked for what: one for proposing, one for judging and questions, one for vectors."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.models.base import ModelClient
from core.types import Role


@dataclass(frozen=True, slots=True)
class ModelRoles:
    """One model serves every role but those that have one of their own.

    ``embedder`` is ``None`` unless the user names one: a model that writes is seldom started for vectors.
    """

    proposer: ModelClient
    judge: ModelClient | None = None
    embedder: ModelClient | None = None

    def of(self, role: Role) -> ModelClient:
        match role:
            case Role.JUDGE if self.judge is not None:
                return self.judge
            case Role.EMBED if self.embedder is not None:
                return self.embedder
            case _:
                return self.proposer

    @property
    def clients(self) -> tuple[ModelClient, ...]:
        """Each once, the proposer first."""
        return tuple(
            client for client in (self.proposer, self.judge, self.embedder) if client is not None
        )

    @property
    def names(self) -> str:
        """For people: ``qwen2.5-coder 1.5B; judging: claude-haiku-4-5``."""
        others = ((Role.JUDGE, self.judge), (Role.EMBED, self.embedder))
        parts = [f"{role}: {client.info.name}" for role, client in others if client is not None]
        return "; ".join([self.proposer.info.name, *parts])

    async def close(self) -> None:
        """All of them, whatever becomes of any. Raises what the first failure raised."""
        ended = await asyncio.gather(*(client.close() for client in self.clients), return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, BaseException):
                raise outcome
