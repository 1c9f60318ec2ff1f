"""The entry point: decides between window, command line and child processes, importing little.

Start-up matters: the window's modules, core and the command line are imported only on their own
paths.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

RUN_MODEL_SERVER = "--run-model-server"
"""How a frozen build starts the model's child process; dispatched before anything else."""

_COMMANDS = ("fix", "doctor", "models", "sample", "-h", "--help", "--version")


def main(argv: Sequence[str] | None = None) -> int:
    """Run Greenbar; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == [RUN_MODEL_SERVER]:
        from core.models.embedded_child import main as serve_model

        return serve_model()
    if arguments and arguments[0] in _COMMANDS:
        from app.cli.main import run

        return run(arguments)
    from app.desktop import run_desktop

    return run_desktop(arguments)


if __name__ == "__main__":
    sys.exit(main())
