"""Logging: a rotating file and a ring in memory for crash reports, both without secrets."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
import traceback
from collections import deque
from pathlib import Path
from types import TracebackType

from core.harmless import harmless
from core.redact import Redact

RING_LINES = 2000
FILE_BYTES = 2_000_000


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, tracebacks included. A filter would see the message only."""

    def __init__(self, redact: Redact) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        # A log is read in a terminal, and what tests print is in it.
        return harmless(self._redact(super().format(record)))


class RingHandler(logging.Handler):
    """Keeps the last lines in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=RING_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def set_up_logging(folder: Path, redact: Redact) -> RingHandler:
    """Log to ``folder/greenbar.log`` where it can be written, and to the ring that is returned."""
    formatter = RedactingFormatter(redact)
    ring = RingHandler()
    handlers: list[logging.Handler] = [ring]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                folder / "greenbar.log", maxBytes=FILE_BYTES, backupCount=2, encoding="utf-8"
            )
        )
    except OSError:
        logging.lastResort = None
    root = logging.getLogger()
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("greenbar").setLevel(logging.INFO)
    return ring


def hook_crashes(folder: Path, ring: RingHandler, redact: Redact) -> None:
    """Write a crash report for any exception that nobody caught, on any thread."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("greenbar").critical("uncaught", exc_info=(kind, error, trace))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Once more: a key may have become known after its line was kept.
            (folder / "crash.txt").write_text(redact("\n".join(ring.lines)), encoding="utf-8")
        except OSError:
            return

    def on_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        report(kind, error, trace)
        if sys.stderr is not None:  # a program without a console has none
            sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))

    def on_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            report(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = on_main
    threading.excepthook = on_thread
