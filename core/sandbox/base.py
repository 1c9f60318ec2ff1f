"""What a sandbox is, on one screen. Knows nothing of any implementation.

A sandbox launches one kind of process: the in-sandbox *worker* (``inside/worker.py``), which keeps
the test framework imported and forks for each run. It is fed requests as JSON lines on standard
input and answers with JSON lines on standard output; everything above that is
:mod:`core.testing`'s business.

Every implementation gives the worker: the private copy read-only as *base*, an empty writable
*work* folder that vanishes with it, the read-only *tools* (worker, plugin, pytest), no network, no
other file of the user's, and limits. Killing it kills every process that it started.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from core.types import SandboxKind

ReportProgress: TypeAlias = Callable[[str, float | None], None]
"""Called with a sentence and a fraction in 0..1 (``None``: unknown), on the loop's thread."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings for one worker and all that it starts."""

    memory_bytes: int = 4 * 1024**3
    processes: int = 512
    cpus: float = 2.0
    work_bytes: int = 2 * 1024**3
    """Size of the writable folder."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A part of a toolchain from a package registry, for where its image cannot be had.

    ``npm`` or ``go`` name the package in that registry. ``digest`` is checked: npm's integrity
    (``sha512-...``), Go's checksum (``h1:...``).
    """

    machine: str
    """``x86_64`` or ``aarch64``; empty for all."""
    version: str
    digest: str
    npm: str = ""
    go: str = ""
    target: str = ""
    """Where its contents go, in the toolchain's folder."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What a language's tests need beside Python and the worker, for every kind of sandbox."""

    name: str
    image: str = ""
    """The usual container image (``node:22-slim``); empty: the plain Python one."""
    packages: tuple[str, ...] = ()
    """Debian packages for a base image made without a registry."""
    archives: tuple[Archive, ...] = ()
    """What is put into that image besides, unpacked into one folder."""
    path: tuple[str, ...] = ()
    """Folders with programs in that folder."""
    programs: tuple[str, ...] = ()
    """What a sandbox on this computer takes from it."""
    prime: str = ""
    """A shell command that makes, once for all repositories, what every worker would have to make
    anew, in the folder that the variable PRIMED names; there for workers and set-ups to read."""


PYTHON: Final = Toolchain("python")
PRIMED: Final = "GREENBAR_PRIMED"
"""The variable that names the folder of a toolchain's ``prime``."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the repository's own packages are, for one sandbox kind.

    ``reference`` means something only to the sandbox that made it: an image tag for containers, a
    folder for the others. Empty: the sandbox's bare Python with pytest, nothing installed.
    """

    reference: str = ""
    sentence: str = ""
    """What was installed and how long it took; empty where nothing was."""


@dataclass(frozen=True, slots=True)
class SetUpPlan:
    """What to install, as found in the repository. Relative paths count from its root.

    Installed in this order: the Python part, then ``commands``. What both leave in the project's
    folder is kept beside the environment as *built files*, and laid into the tree of every worker.
    """

    requirement_files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    """Requirement specifiers."""
    editable_extras: tuple[str, ...] | None = None
    """Install the project itself, editable, with these extras; ``None``: do not."""
    digest: str = ""
    """Hash over everything the outcome depends on; the cache key."""
    commands: tuple[str, ...] = ()
    """Shell commands, such as ``npm ci``: run one after the other in a writable copy of the project,
    with network. ``GREENBAR_ENV`` names the environment's folder, the only other one that is kept."""
    python: str = ""
    """The wanted minor version (``3.11``), or empty where any will do."""
    python_range: str = ""
    """The versions that the project can run on (``>=3.9,<4``), or empty where it says nothing."""
    constraints: tuple[str, ...] = ()
    """Pinned versions from a lock file; left out as a whole where they do not fit."""
    export: tuple[str, ...] = ()
    """Options of ``uv export``, where uv's own lock names the packages; empty without such a lock."""
    version: str = ""
    """The project's version, for builds that would ask git; the private copy has no history."""
    notes: tuple[str, ...] = ()
    """Full sentences about what was left out, or chosen, and why."""
    source: str = ""
    """Where the plan was found, for people: ``uv.lock, group dev``."""

    @property
    def asks_for_python(self) -> bool:
        return bool(self.python or self.python_range)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to install, be it that a certain Python is asked for."""
        return not (
            self.requirement_files
            or self.packages
            or self.export
            or self.editable_extras is not None
            or self.commands
        )


class WorkerExit:
    """Why a worker is gone: an exit status, and what the sandbox knows beyond it."""

    __slots__ = ("out_of_memory", "status", "stderr")

    def __init__(self, status: int, out_of_memory: bool = False, stderr: str = "") -> None:
        self.status = status
        self.out_of_memory = out_of_memory
        self.stderr = stderr
        """The last 4,000 characters of standard error."""


class WorkerProcess(Protocol):
    """A live worker. All methods are for the loop's thread and never block it."""

    async def send(self, line: bytes) -> None:
        """Write one line (newline included). Raises BrokenPipeError when the worker is gone."""

    async def receive(self) -> bytes | None:
        """The next line of standard output without its newline, or ``None`` at the end."""

    async def kill(self) -> None:
        """End the worker and every process it started, at once, and free what it held. Idempotent."""

    async def wait(self) -> WorkerExit:
        """Wait for the end and say why. Call it after ``receive`` gave ``None``, or after ``kill``."""


class Sandbox(Protocol):
    """One way of running code that nobody has read."""

    @property
    def kind(self) -> SandboxKind: ...

    @property
    def sentence(self) -> str:
        """What is isolated, in one line: ``Docker: no network, private copy only, 4 GB, 2 cores``."""

    def sentence_for(self, limits: Limits) -> str:
        """The sentence for launches with ``limits``."""

    @property
    def elsewhere(self) -> str:
        """The address of the other machine to which copies are sent; empty for this machine."""

    @property
    def cores(self) -> int:
        """Processors of the machine that runs the workers; known once it is prepared."""

    async def prepare(self, progress: ReportProgress, toolchain: Toolchain = PYTHON) -> None:
        """Make whatever must exist before the first launch (an image with ``toolchain``). Idempotent,
        quick when done. Launches that follow have this toolchain.

        Raises SandboxError with the remedy when it cannot be had.
        """

    async def find_python(self, plan: SetUpPlan, progress: ReportProgress) -> Environment | None:
        """An environment with nothing in it, on the Python that ``plan`` asks for, as far as that is here
        (or its usual image can be had); ``None`` where it would have to be installed."""

    async def set_up(self, plan: SetUpPlan, copy: Path, progress: ReportProgress) -> Environment:
        """Install ``plan`` with network, outside the repository; cached by ``plan.digest``.

        ``copy`` is the private copy, mounted read-only. Raises SetUpError with the installer's
        own message.
        """

    async def launch(self, copy: Path, environment: Environment, limits: Limits) -> WorkerProcess:
        """Start one worker over the private copy. Raises SandboxError."""

    async def close(self) -> None:
        """Kill every worker launched and leave nothing behind."""
