"""The worker for languages whose tests are run by a command. pytest is never imported here.

Standard library only.
"""

import base64
import os
import subprocess
import sys
import time
from fnmatch import fnmatchcase

from greenbar_channel import make_sender
from greenbar_command import CommandRun, command_env
from greenbar_command_control import CommandControl
from greenbar_serving import Serving

START_SECONDS = 60


class CommandWorker(Serving):
    """Carries out each request by the ``command`` of a language file."""

    def __init__(self, tree, options, command):
        super().__init__()
        self._tree = tree
        self._base = options.base
        self._work = options.work
        self._tools = options.tools
        self._command = command

    def serve(self):
        """Say that all is ready, then as every worker."""
        if self._command["start"]:
            subprocess.run(
                ["/bin/sh", "-c", self._command["start"]],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
                cwd=self._work,
                env=command_env(self._command),
                timeout=START_SECONDS,
                check=False,
            )
        self.say({"type": "ready", "python": sys.version.split()[0]})
        super().serve()

    def _run(self, request):
        started = time.monotonic()
        deadline = started + request["run_seconds"]
        self._send = make_sender(1, bytes.fromhex(request.pop("key")))
        overlay = {
            path: None if data is None else base64.b64decode(data)
            for path, data in request["overlay"].items()
        }
        control = self._control(request, overlay)
        command = self._command
        run = CommandRun(self, request, command, self._work, self._tools, deadline, control)
        self.say(self._carry_out(run, self._tree, overlay, self._decides, started))
        self._send = None

    def _control(self, request, overlay):
        """The altered test files of a control run, laid over as well; ``None`` for any other run."""
        if not request["control"]:
            return None
        control = CommandControl(self._command["control"])
        for path in sorted({node_id.split("::", 1)[0] for node_id in request["node_ids"]}):
            source = self._source(path, overlay)
            altered = control.alter(path, source) if source is not None else None
            if altered is not None:
                overlay[path] = altered
        return control

    def _source(self, path, overlay):
        if path in overlay:
            return overlay[path]
        try:
            with open(os.path.join(self._base, path), "rb") as file:
                return file.read()
        except OSError:
            return None

    def _decides(self, path):
        """Whether a file has a say in how the tests run."""
        name = path.rpartition("/")[2]
        patterns = self._command["test_files"]
        return any(fnmatchcase(path, p) or fnmatchcase(name, p) for p in patterns)
