"""The journal: every event of a session, appended to a JSON-lines file as it happens.

Writing goes through one thread of its own, so the loop never waits for the disk. A line is one
event; a torn last line (a crash in mid-write) is left out on reading.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin

from core.events import Body, Event
from core.redact import Redact, Redactor

if TYPE_CHECKING:
    from cattrs.preconf.json import JsonConverter

T = TypeVar("T")

log = logging.getLogger("greenbar.journal")

CLOSE_SECONDS = 5.0
LONG_LIST = 200
"""From this length on a list is written entry by entry."""
PIECE = 100
"""Entries of a long list between two pauses."""
PAUSE_SECONDS = 0.002


@cache
def converter(redact: Redact = str) -> JsonConverter:
    """Between events and JSON; the kind of a body stands beside its fields as ``event``.

    Every text goes through ``redact`` on its way out. Bytes do not: a patch must stay what it is.
    """
    from cattrs.preconf.json import make_converter
    from cattrs.strategies import configure_tagged_union

    made = make_converter()
    made.register_unstructure_hook(str, redact)
    made.register_unstructure_hook_factory(_is_list, lambda kind: _in_pieces(made, kind))
    configure_tagged_union(Body, made, tag_name="event")
    return made


def _is_list(kind: object) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[1:] == (...,)


def _in_pieces(made: JsonConverter, kind: Any) -> Callable[[Sequence[object]], list[object]]:
    entry = get_args(kind)[0]

    def convert(values: Sequence[object]) -> list[object]:
        return list(_paused(made.unstructure(value, entry) for value in values))

    return convert


def _paused(values: Iterable[T]) -> Iterator[T]:
    """``values``, with a pause now and then: the window shares the interpreter's lock with this thread,
    and ten thousand results in one go would be felt there."""
    for number, value in enumerate(values, 1):
        yield value
        if number % PIECE == 0:
            time.sleep(PAUSE_SECONDS)


class Journal:
    """Appends events to ``path``; folder, file and thread are made with the first event.

    A journal that cannot be written (a full disk) must not end the work, and the user's files do not
    depend on it: it then says so in the log and takes nothing more.

    Keys are blotted out of every text. Patches stay byte for byte, or they could not be applied again.
    """

    def __init__(self, path: Path, redact: Redact | None = None) -> None:
        self.path = path
        self._redact = redact or Redactor()
        self._queue: queue.SimpleQueue[Event | threading.Event | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    def append(self, event: Event) -> None:
        """Queue one event; returns at once."""
        if self._closed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="greenbar-journal", daemon=True)
            self._thread.start()
        self._queue.put(event)

    def settle(self) -> None:
        """Wait, a few seconds at most, until what is queued can be read. Blocking."""
        if self._thread is not None and self._thread.is_alive() and not self._closed:
            written = threading.Event()
            self._queue.put(written)
            written.wait(CLOSE_SECONDS)

    def close(self) -> None:
        """Write what is queued and end the thread. Idempotent."""
        self._closed = True
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join(CLOSE_SECONDS)

    def _write(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                while (event := self._queue.get()) is not None:
                    if isinstance(event, threading.Event):
                        file.flush()
                        event.set()
                        continue
                    file.write(encode(event, self._redact))
                    if self._queue.empty():
                        file.flush()
        except OSError:
            log.exception("the journal cannot be written")
        finally:
            self._closed = True


def encode(event: Event, redact: Redact) -> bytes:
    """One line of the journal, without keys."""
    text = _text_of(converter(redact).unstructure(event, Event))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _text_of(value: object) -> str:
    """JSON. The encoder holds the interpreter's lock until it is done, so long lists are encoded in
    pieces, see :func:`_paused`."""
    match value:
        case dict():
            pairs = (f"{json.dumps(key)}: {_text_of(entry)}" for key, entry in value.items())
            return f"{{{', '.join(pairs)}}}"
        case list() | tuple() if len(value) >= LONG_LIST:
            return f"[{', '.join(_paused(json.dumps(entry, ensure_ascii=False) for entry in value))}]"
    return json.dumps(value, ensure_ascii=False)


def read_journal(path: Path, kinds: Collection[str] = ()) -> Iterator[Event]:
    """The events of a journal, oldest first; with ``kinds`` only these, which is much quicker. Raises
    OSError when it cannot be read."""
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            record = json.loads(line.decode("utf-8", "surrogatepass"))
            if not kinds or record["body"]["event"] in kinds:
                yield converter().structure(record, Event)
