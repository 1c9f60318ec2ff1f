"""What a round has to carry out: remarks as orders on the code that it starts from. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.remark.mechanical import carry_out, mentions, signature_of
from core.remark.places import file_of, function_at, place_words, resolve
from core.remark.wishes import Wish, read_wish
from core.repo.patch import hunk_ids, select_hunks
from core.repo.text import TextFile
from core.search.rank import normalised_key
from core.types import ChangeKind, FileDiff, Patch, RelPath, RemarkPlace, RemarkReading, UnderstoodRemark


@dataclass(frozen=True, slots=True)
class Order:
    """One remark. ``code`` are the lines that it is about; ``paths`` those of the patch where it is about
    the whole of it."""

    reading: RemarkReading
    wish: Wish | None
    code: str
    paths: tuple[RelPath, ...]
    function: str = ""
    """Dotted; empty outside of every function."""

    @property
    def place(self) -> RemarkPlace:
        return self.reading.place

    @property
    def line(self) -> str:
        """For the ledger: line numbers would not last."""
        where = self.place.test or self.place.path
        if where and self.function:
            where = f"{where}, {self.function}"
        return f"{where}: {self.reading.solution}" if where else self.reading.solution


@dataclass(frozen=True, slots=True)
class Start:
    """What a round starts from: ``texts`` with the candidate's changes, and the ``originals`` without."""

    patch: Patch
    texts: Mapping[RelPath, str]
    originals: Mapping[RelPath, str]


def start_from(patch: Patch) -> Start:
    """From a candidate's patch; files that are deleted, binary or not text play no part."""
    texts: dict[RelPath, str] = {}
    originals: dict[RelPath, str] = {}
    for change in patch.changes:
        after = TextFile.from_bytes(change.after) if change.after is not None else None
        before = TextFile.from_bytes(change.before) if change.before is not None else TextFile("")
        if after is not None and before is not None:
            texts[change.path], originals[change.path] = after.text, before.text
    return Start(patch, texts, originals)


def order_of(remark: UnderstoodRemark, files: Sequence[FileDiff]) -> Order:
    """``files`` are the diff of what the round starts from."""
    place = resolve(remark.reading.place, files)
    reading = RemarkReading(remark.reading.kind, place, remark.reading.solution)
    wish = read_wish(reading.solution)
    paths = tuple(file.path for file in files)
    file = file_of(place, files)
    function = function_at(place, file.after) if file else ""
    return Order(reading, wish, place_words(place, files), paths, function)


def carry_out_all(orders: Sequence[Order], start: Start) -> tuple[dict[RelPath, str], tuple[Order, ...]]:
    """The texts that change where everything is done that can be done to the letter, and the orders that
    are left for a model. What only forbids something is neither."""
    texts = dict(start.texts)
    left: list[Order] = []
    # From the last line up, so that a line that goes moves none that is still to be looked at.
    for order in sorted(orders, key=lambda order: -order.place.first):
        made = _carried_out(order, texts, start)
        if made is not None:
            texts.update(made)
        elif not _only_forbids(order):
            left.append(order)
    changed = {path: text for path, text in texts.items() if text != start.texts[path]}
    return changed, tuple(reversed(left))


def not_heeded(orders: Sequence[Order], start: Start, after: Mapping[RelPath, str]) -> str:
    """Why the texts ``after`` do not do what is asked, as a clause; empty where they may do it.

    Whether a solution in words is met, no rule can tell; that the place was changed at all, it can.
    """
    for order in orders:
        paths = [order.place.path] if order.place.path else list(order.paths)
        told = [path for path in paths if path in start.texts]
        if told and not any(_heeds(order, path, start, after.get(path, "")) for path in told):
            return "it does not do what the remark asks"
    return ""


def _carried_out(order: Order, texts: Mapping[RelPath, str], start: Start) -> dict[RelPath, str] | None:
    wish, place = order.wish, order.place
    if wish is None or place.test:
        return None
    if wish.kind is ChangeKind.KEEP and wish.scope == "place":
        return _without_place(order, texts, start)
    made: dict[RelPath, str] = {}
    for path in [place.path] if place.path else order.paths:
        if path not in texts:
            continue
        text = texts[path]
        first = place.first or 1
        last = place.last or text.count("\n") + 1
        done = carry_out(wish, text, first, last, start.originals[path])
        if done is not None and done != text:
            made[path] = done
    return made or None


def _without_place(order: Order, texts: Mapping[RelPath, str], start: Start) -> dict[RelPath, str] | None:
    """The hunk as it was before the candidate."""
    path, hunk = order.place.path, order.place.hunk
    if not path:
        return None
    if not hunk:
        return {path: start.originals[path]} if path in texts else None
    if texts.get(path) != start.texts.get(path):
        return None
    others = [
        f"{path}#{number}"
        for number in range(_hunk_count(start.patch, path))
        if f"{path}#{number}" != hunk
    ]
    rest = select_hunks(start.patch, frozenset(others)).changes
    after = TextFile.from_bytes(rest[0].after) if rest and rest[0].after is not None else None
    return {path: after.text if after is not None else start.originals[path]}


def _hunk_count(patch: Patch, path: RelPath) -> int:
    return sum(hunk.rpartition("#")[0] == path for hunk in hunk_ids(patch))


def _only_forbids(order: Order) -> bool:
    return order.wish is not None and order.wish.kind is ChangeKind.KEEP


def _heeds(order: Order, path: RelPath, start: Start, after: str) -> bool:
    before, wish = start.texts[path], order.wish
    scope = function_at(order.place, before) if order.place.path == path else ""
    match wish:
        case Wish(kind=ChangeKind.KEEP, scope="file"):
            return after == start.originals[path]
        case Wish(kind=ChangeKind.KEEP, scope="signature"):
            return not scope or signature_of(after, scope) == signature_of(start.originals[path], scope)
        case Wish(kind=ChangeKind.KEEP, scope="name", what=name):
            return not mentions(before, name) or mentions(after, name)
        case Wish(kind=ChangeKind.CHANGE | ChangeKind.RENAME, instead=instead):
            return mentions(after, instead) and after != before
        case _:
            return normalised_key({path: after}, {path: before}) != normalised_key({}, {path: before})
