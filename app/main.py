"""The entry point: decides between window, command line and child processes, importing little.

Start-up matters: the window's modules, core and the command line are imported only on their own
paths.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Sequence

RUN_MODEL_SERVER = "--run-model-server"
"""How a frozen build starts the model's child process; dispatched before anything else."""

LINGER_SECONDS = 1.0

_COMMANDS = (
    *("fix", "suspects", "prompts", "strategies", "set-up", "locked", "doctor", "models", "keys"),
    *("ask", "change", "history", "bench", "sample", "settings"),
    *("evidence", "commit", "refused"),
    *("-h", "--help", "--version"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run Greenbar; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [RUN_MODEL_SERVER]:
        from core.models.embedded_child import main as serve_model

        return serve_model()
    if arguments and arguments[0] in _COMMANDS:
        from app.cli.main import run

        return _leave(run(arguments))
    from app.desktop import run_desktop

    return _leave(run_desktop(arguments))


def _leave(status: int) -> int:
    """Wait a moment for threads, then leave without them; else returns ``status``.

    Python's own end waits for every thread. One that is deep in a library (an image being built)
    would hold the process for minutes after it has said that it has stopped.
    """
    deadline = time.monotonic() + LINGER_SECONDS
    others = [t for t in threading.enumerate() if t is not threading.current_thread() and not t.daemon]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        logging.shutdown()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)
    return status


if __name__ == "__main__":
    sys.exit(main())
