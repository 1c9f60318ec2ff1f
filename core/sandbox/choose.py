"""Which sandbox to use: the user's choice, or the best that works here."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.errors import SandboxError, UsageError
from core.sandbox.base import Limits, Sandbox
from core.sandbox.bubblewrap import BubblewrapSandbox
from core.sandbox.docker import ContainerSandbox
from core.sandbox.engine import find_engine
from core.sandbox.host import HostSandbox
from core.sandbox.installer import NetworkSettings, network_settings
from core.sandbox.words import DEFAULT_LIMITS
from core.types import Remedy, SandboxKind

AUTO = "auto"
ORDER = (SandboxKind.DOCKER, SandboxKind.PODMAN, SandboxKind.BUBBLEWRAP)


async def choose(spec: str, cache: Path, limits: Limits = DEFAULT_LIMITS) -> Sandbox:
    """The sandbox that ``spec`` names: ``auto`` or a SandboxKind value. Not prepared yet.

    ``auto`` takes the first of ORDER that works, and never the host. Decides within two seconds.
    Raises UsageError for another word, SandboxError with remedies where it cannot be had.
    """
    if spec != AUTO and spec not in list(SandboxKind):
        known = ", ".join((AUTO, *SandboxKind))
        raise UsageError("usage.sandbox", f"There is no sandbox named {spec}; known are {known}.")
    network = await asyncio.to_thread(network_settings)
    if spec != AUTO:
        return await _usable(SandboxKind(spec), cache, network, limits)
    tried = await asyncio.gather(
        *(_usable(kind, cache, network, limits) for kind in ORDER), return_exceptions=True
    )
    troubles: list[SandboxError] = []
    best: Sandbox | None = None
    for result in tried:
        if isinstance(result, SandboxError):
            troubles.append(result)
        elif isinstance(result, BaseException):
            raise result
        elif best is None:
            best = result
        else:
            await result.close()
    if best is None:
        raise none_usable(troubles)
    return best


def none_usable(troubles: list[SandboxError]) -> SandboxError:
    """One error out of why each sandbox is out, with all their remedies and the host as the last."""
    remedies = tuple(remedy for trouble in troubles for remedy in trouble.remedies)
    host = Remedy("Run without a sandbox", action="use_host")
    return SandboxError(
        "sandbox.none",
        "No sandbox works on this computer.",
        (*remedies, host),
        "\n".join(f"{trouble.sentence} {trouble.details}".strip() for trouble in troubles),
    )


async def _usable(kind: SandboxKind, cache: Path, network: NetworkSettings, limits: Limits) -> Sandbox:
    match kind:
        case SandboxKind.HOST:
            return HostSandbox(cache, network)
        case SandboxKind.BUBBLEWRAP:
            await BubblewrapSandbox.check()
            return BubblewrapSandbox(cache, network, limits)
        case SandboxKind.DOCKER | SandboxKind.PODMAN:
            engine = find_engine(kind)
            try:
                await engine.check()
            except BaseException:
                await engine.close()
                raise
            return ContainerSandbox(engine, cache, network, limits)
