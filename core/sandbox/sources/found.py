"""What one kind of file says that the tests need."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Found:
    """Everything counts from the repository's root. Empty is false."""

    files: tuple[str, ...] = ()
    """Requirement files."""
    packages: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    """Extras of the project itself."""
    constraints: tuple[str, ...] = ()
    """Pinned versions from a lock."""
    export: tuple[str, ...] = ()
    """Options of ``uv export``, where uv's own lock says it all."""
    source: tuple[str, ...] = ()
    """Where it was found, for people: ``uv.lock``, ``group dev``."""
    notes: tuple[str, ...] = ()
    """Full sentences about what was left out."""
    inputs: tuple[str, ...] = field(default=())
    """Further files that the outcome depends on."""

    def __bool__(self) -> bool:
        return bool(self.files or self.packages or self.extras or self.export)

    def __add__(self, other: Found) -> Found:
        return Found(
            _joined(self.files, other.files),
            _joined(self.packages, other.packages),
            _joined(self.extras, other.extras),
            _joined(self.constraints, other.constraints),
            _joined(self.export, other.export),
            _joined(self.source, other.source),
            _joined(self.notes, other.notes),
            _joined(self.inputs, other.inputs),
        )


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
