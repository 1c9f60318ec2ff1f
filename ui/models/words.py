"""What the page says of a model or a key. Pure; imports no Qt widgets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.types import KeyRow, KeySource, MemoryFit, ModelKind, ModelRow, ModelState
from ui.words import tr


class Act(Enum):
    """What the button of a row does."""

    NONE = ""
    DOWNLOAD = "download"
    CANCEL = "cancel"
    USE = "use"
    FORGET = "forget"
    LOOK = "look"


@dataclass(frozen=True, slots=True)
class Offered:
    """The one button of a row; ``label`` is its text."""

    act: Act
    label: str = ""


def primary(row: ModelRow, *, fetching: bool, in_use: bool) -> Offered:
    """The one thing that a user most likely wants of this row."""
    if fetching:
        return Offered(Act.CANCEL, tr("Cancel"))
    match row.state:
        case ModelState.VERIFIED | ModelState.UNVERIFIED | ModelState.SERVED:
            return Offered(Act.NONE) if in_use else Offered(Act.USE, tr("Use"))
        case ModelState.ABSENT if row.kind is ModelKind.CATALOGUE:
            return Offered(Act.DOWNLOAD, tr("Download"))
        case ModelState.PARTIAL:
            return Offered(Act.DOWNLOAD, tr("Go on"))
        case ModelState.DAMAGED if row.kind is ModelKind.CATALOGUE:
            return Offered(Act.DOWNLOAD, tr("Download again"))
        case ModelState.DAMAGED | ModelState.MISSING:
            return Offered(Act.FORGET, tr("Take off the list"))
        case _:
            return Offered(Act.LOOK, tr("Look again"))


def can_be_verified(row: ModelRow) -> bool:
    files = (ModelKind.CATALOGUE, ModelKind.FILE)
    return row.kind in files and row.state in (
        ModelState.VERIFIED,
        ModelState.UNVERIFIED,
        ModelState.DAMAGED,
    )


def can_be_deleted(row: ModelRow) -> bool:
    """Also what is only taken off the list."""
    if row.kind is ModelKind.CATALOGUE:
        return row.state is not ModelState.ABSENT
    return bool(row.spec) and not row.spec.startswith("openai:")


def delete_label(row: ModelRow) -> str:
    forgets = row.kind in (ModelKind.FILE, ModelKind.ENDPOINT)
    return tr("Take off the list") if forgets else tr("Delete…")


def state_words(row: ModelRow, *, in_use: bool, fetching: bool = False) -> str:
    """``verified · 1.1 GB``; what is in use says so first."""
    parts = [tr("in use")] if in_use else []
    match row.state:
        case ModelState.PARTIAL | ModelState.ABSENT if fetching:
            parts.append(tr("under way"))
        case ModelState.PARTIAL:
            share = row.done / row.size if row.size else 0.0
            parts.append(tr("{n} % downloaded", n=int(share * 100)))
        case ModelState.SERVED:
            pass
        case state:
            parts.append(tr(state.value))
    if row.size:
        parts.append(gigabytes(row.size))
    return " · ".join(parts)


def memory_words(row: ModelRow) -> str:
    """``needs 2.1 GB of memory, fits``."""
    if not row.memory:
        return ""
    size = gigabytes(row.memory)
    match row.fit:
        case MemoryFit.FITS:
            return tr("needs {size} of memory: fits", size=size)
        case MemoryFit.TIGHT:
            return tr("needs {size} of memory: tight", size=size)
        case MemoryFit.TOO_LARGE:
            return tr("needs {size} of memory: does not fit", size=size)
        case MemoryFit.UNKNOWN:
            return tr("needs {size} of memory", size=size)


def second_line(row: ModelRow) -> str:
    """What it is good for, or why it cannot be used."""
    if row.sentence:
        return row.sentence
    parts = [row.good_for, row.licence]
    if row.context:
        parts.append(tr("{n}k context", n=row.context // 1024))
    if not row.good_for and not row.licence:
        parts.append(row.where)
    return "  ·  ".join(part for part in parts if part)


def sign(row: ModelRow) -> str:
    if row.state.is_ready:
        return "✓"
    return "!" if row.state in (ModelState.DAMAGED, ModelState.MISSING) else "–"


def key_words(row: KeyRow) -> str:
    match row.source:
        case KeySource.ENVIRONMENT:
            return tr("from the environment variable {name}", name=row.variable)
        case KeySource.KEYRING:
            return tr("in the keyring")
        case KeySource.THIS_RUN:
            return tr("for this run only")
        case KeySource.NONE:
            return tr("none yet; the environment variable {name} serves as well", name=row.variable)


def gigabytes(size: int) -> str:
    return tr("{n} GB", n=f"{size / 1e9:.1f}")
