"""Logging: a rotating file and a ring in memory for crash reports, both without secrets."""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import threading
from collections import deque
from pathlib import Path
from types import TracebackType

RING_LINES = 2000
FILE_BYTES = 2_000_000

_SECRET = re.compile(
    r"(?i)(bearer\s+|api[-_]?key['\"]?\s*[:=]\s*['\"]?|\b(?:sk|pk|ghp|gho|hf|xai|gsk)[-_])[\w\-.]{8,}"
)


def redact(text: str) -> str:
    """``text`` with everything that looks like a key blotted out."""
    return _SECRET.sub(lambda match: f"{match.group(1)}***", text)


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class RingHandler(logging.Handler):
    """Keeps the last lines in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=RING_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def set_up_logging(folder: Path) -> RingHandler:
    """Log to ``folder/greenbar.log`` where it can be written, and to the ring that is returned."""
    formatter = RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
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


def hook_crashes(folder: Path, ring: RingHandler) -> None:
    """Write a crash report for any exception that nobody caught, on any thread."""

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logging.getLogger("greenbar").critical("uncaught", exc_info=(kind, error, trace))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "crash.txt").write_text("\n".join(ring.lines), encoding="utf-8")
        except OSError:
            return

    def on_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        report(kind, error, trace)
        sys.__excepthook__(kind, error, trace)

    def on_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            report(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = on_main
    threading.excepthook = on_thread
