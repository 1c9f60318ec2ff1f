"""One run of a test command: ``go test``, ``node --test``, or whatever the repository names.

The command runs in a session of its own; its results are read by a parser (greenbar_formats) from
its standard output, a pipe or a file with an unforeseeable name, and told in the same messages as
pytest's. Standard library only; pytest is never imported here.
"""

import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter

from greenbar_formats import BadResults, make_parser
from greenbar_frames import Frames
from greenbar_guard import ancestors, spare
from greenbar_process import descendants, has_exited, kill_group, memory_kills, reap

GRACE_SECONDS = 2.0
END_SECONDS = 10.0
"""How long a command that has closed its output may take to end."""
NOT_FOUND, NOT_EXECUTABLE = 127, 126
RED = ("failed", "error", "timeout", "crashed", "collect_error")


class CommandRun:
    """One request that is carried out by a command. The same face as ``greenbar_run.Run``."""

    def __init__(self, worker, request, command, work, tools, deadline, control=None):
        self._worker = worker
        self._request = request
        self._command = command
        self._work = os.path.realpath(work)
        self._tools = tools
        self._deadline = deadline
        self._control = control
        self._wanted = set(request["node_ids"])
        self._parser = None
        self._reported = {}
        self._hung = {}
        self._signalled = {}
        self._child = 0
        self._memory_kills = memory_kills()
        self.signs = {}
        """Clauses on other hands in the run, in the order in which they were seen."""

    def sign(self, clause):
        self.signs.setdefault(clause)

    def conclude(self, end):
        """What the results of a control run say of themselves."""
        if self._control is not None and end == "finished":
            for clause in self._control.doubts(self._reported, self._request["node_ids"]):
                self.sign(clause)

    # --- the run --------------------------------------------------------------------------------

    def carry_out(self):
        room = tempfile.mkdtemp(prefix="greenbar-%s-" % secrets.token_hex(8))
        try:
            return self._carry_out(room)
        except BadResults as error:
            return "crashed", str(error)
        finally:
            shutil.rmtree(room, ignore_errors=True)

    def _carry_out(self, room):
        frames = Frames(self._command["frames"], self._work)
        self._parser = make_parser(self._command, self._work, frames)
        results_read, results_write = os.pipe()
        console_read, console_write = os.pipe()
        key_read, key_write = os.pipe()
        key = secrets.token_hex(32).encode()
        try:
            os.write(key_write, key)
            os.close(key_write)
            self._parser.use_key(key)
            place = self._parser.place(room, "/dev/fd/%d" % results_write)
            text = self._text(place)
            env = self._env(place, "/dev/fd/%d" % key_read)
            above = [os.getpid(), *ancestors()]
            stdout = results_write if self._parser.from_stdout else console_write
            process = subprocess.Popen(
                ["/bin/sh", "-c", text],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=console_write,
                cwd=self._work,
                env=env,
                pass_fds=[results_write, key_read] if self._parser.wants_pipe else [],
                start_new_session=True,
                preexec_fn=lambda: spare(above),
            )
            self._child = process.pid
            os.close(key_read)
            os.close(console_write)
            if self._parser.from_stdout or self._parser.wants_pipe:
                os.close(results_write)
            how, console = self._worker.watch(
                process.pid, results_read, console_read, self._until, self._on_line
            )
            if how == "closed":
                self._await_end(process.pid)
            late = not has_exited(process.pid)
            kill_group(process.pid, False)
            status = reap(process.pid)
            process.returncode = status
        finally:
            for fd in (results_read, console_read, results_write, console_write, key_read):
                try:
                    os.close(fd)
                except OSError:
                    pass
        return self._judge(how, status, late, console)

    def _await_end(self, pid):
        until = min(self._deadline, time.monotonic() + END_SECONDS)
        while time.monotonic() < until and not has_exited(pid):
            time.sleep(0.01)

    def _judge(self, how, status, late, console):
        if how == "cancelled":
            return "stopped", ""
        said = console.decode("utf-8", "replace")
        code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        ok = code == 0 and not late
        if code in (NOT_FOUND, NOT_EXECUTABLE) and not self._parser.started:
            return "crashed", _why(status, said)
        if how == "closed" or self._parser.streams:
            try:
                self._parser.finish(said, ok)
            except BadResults as error:
                if how == "closed":
                    return "crashed", "%s\n%s" % (error, _why(status, said))
            self._report()
        for clause in self._parser.signs:
            self.sign(clause)
        collected = [node_id for node_id in self._parser.started if self._is_wanted(node_id)]
        self._worker.say({"type": "collected", "ids": collected})
        if how == "deadline":
            self._blame_running()
            return "time_limit", ""
        red = [node_id for node_id, outcome in self._reported.items() if outcome in RED]
        unwanted = self._parser.red_elsewhere(self._is_wanted)
        if self._request["fail_fast"] and red:
            return "failed_fast", ""
        if not self._parser.started and not red:
            if ok:
                return "finished", ""
            return "crashed", _why(status, said)
        if ok and red:
            self.sign("the command ended well with tests that failed")
        if not ok and not red and not unwanted:
            if memory_kills() != self._memory_kills:
                return "out_of_memory", "killed: out of memory"
            return "crashed", _why(status, said)
        if not self._parser.ended:
            return "crashed", "The results ended before the run did.\n%s" % _why(status, said)
        return "finished", ""

    # --- the command ----------------------------------------------------------------------------

    def _text(self, place):
        """The command for the shell, its placeholders filled in."""
        chosen = self._wanted and self._command["chosen"]
        files = sorted({node_id.split("::", 1)[0] for node_id in self._wanted})
        folders = sorted({"./" + self._folder(path) for path in files})
        tops = sorted({node_id.partition("::")[2].split("/", 1)[0] for node_id in self._wanted})
        names = "." if "" in tops else "^(?:%s)$" % "|".join(map(re.escape, tops))
        values = {
            "results": shlex.quote(place),
            "tools": shlex.quote(self._tools),
            "files": " ".join(map(shlex.quote, files)),
            "folders": " ".join(map(shlex.quote, folders)),
            "names": shlex.quote(names),
        }
        text = self._command["chosen" if chosen else "run"]
        for name, value in values.items():
            text = text.replace("{%s}" % name, value)
        if self._request["fail_fast"] and self._command["fail_fast"]:
            text = "%s %s" % (text, self._command["fail_fast"])
        return text

    def _folder(self, path):
        full = os.path.join(self._work, path)
        return path if os.path.isdir(full) else os.path.dirname(path)

    def _env(self, place, key_file):
        env = command_env(self._command)
        env["GREENBAR_RESULTS"] = place
        if self._parser.wants_pipe:
            env["GREENBAR_KEY_FILE"] = key_file
        return env

    # --- what comes meanwhile -------------------------------------------------------------------

    def _on_line(self, line):
        self._parser.take(line)
        self._report()
        return False

    def _report(self):
        for node_id, result in self._parser.results():
            if not self._is_wanted(node_id):
                continue
            if node_id in self._hung:
                message = "timed out after %.3g s" % self._hung[node_id]
                outcome = "timeout" if result["outcome"] != "collect_error" else "collect_error"
                result = {**result, "outcome": outcome, "message": message}
            outcome = result["outcome"]
            if self._reported.get(node_id) not in RED:
                self._reported[node_id] = outcome
            kind = "collect_error" if outcome == "collect_error" else "result"
            self._worker.say({"type": kind, "id": node_id, **self._bounded(result)})

    def _bounded(self, result):
        output = result["output"]
        most = self._request["output_bytes"]
        if len(output) > most:
            half = most // 2
            left = len(output) - most
            result["output"] = "%s\n... %d characters left out ...\n%s" % (
                output[:half], left, output[-half:],
            )  # fmt: skip
        return result

    def _is_wanted(self, node_id):
        """Whether a result was asked for: it, or its file."""
        if not self._wanted:
            return True
        return node_id in self._wanted or node_id.split("::", 1)[0] in self._wanted

    def _until(self):
        """The moment to give up. On the way, end test processes that hang: the rest may go on."""
        now = time.monotonic()
        for node_id, since, mark in self._parser.running():
            limit = self._request["single"].get(node_id, self._request["test_seconds"])
            if now < since + limit + GRACE_SECONDS / 2:
                continue
            self._hung[node_id] = limit
            first = self._signalled.setdefault((mark, since), now)
            number = signal.SIGKILL
            if now < first + GRACE_SECONDS and self._command["interrupt"] != "KILL":
                if first != now:
                    continue
                number = getattr(signal, "SIG" + self._command["interrupt"])
            for pid in _processes_of(self._child, mark):
                try:
                    os.kill(pid, number)
                except (ProcessLookupError, PermissionError):
                    pass
        return self._deadline

    def _blame_running(self):
        for node_id, _, _ in self._parser.running():
            if self._is_wanted(node_id) and node_id not in self._reported:
                self._reported[node_id] = "timeout"
                self._worker.say(
                    {
                        "type": "result",
                        "id": node_id,
                        "outcome": "timeout",
                        "message": "the run was over its time limit",
                        "traceback": "",
                        "output": "",
                        "frames": [],
                        "seconds": 0.0,
                    }
                )


def _processes_of(root, mark):
    """Descendants of the command that name the path ``mark`` on their command line or have it as
    working folder, and no children of their own."""
    found = []
    parents = Counter()
    for pid in descendants():
        try:
            with open("/proc/%d/cmdline" % pid, "rb") as file:
                words = file.read().decode("utf-8", "surrogateescape").split("\0")
            with open("/proc/%d/stat" % pid, "rb") as file:
                parents[int(file.read().rpartition(b")")[2].split()[1])] += 1
            folder = os.readlink("/proc/%d/cwd" % pid)
        except (OSError, IndexError, ValueError):
            continue
        named = (os.path.normpath(os.path.join(folder, word)) for word in words[1:] if word)
        if pid != root and (folder == mark or mark in named):
            found.append(pid)
    return [pid for pid in found if not parents[pid]]


def command_env(command):
    """The environment of a language's commands."""
    env = dict(os.environ)
    env.pop("PYTHONHASHSEED", None)
    for name, value in command["env"]:
        env[name] = os.path.expandvars(value)
    return env


def _why(status, console):
    """What kept a command from running any test, as one sentence and the end of what it said."""
    lines = [line for line in console.splitlines() if line.strip()]
    end = "\n".join(lines[-12:])
    if os.WIFSIGNALED(status):
        return "The test command was ended by signal %d.\n%s" % (os.WTERMSIG(status), end)
    code = os.WEXITSTATUS(status)
    if code in (NOT_FOUND, NOT_EXECUTABLE):
        return "The test command was not found in the sandbox.\n%s" % end
    return "The test command ended with exit status %d.\n%s" % (code, end)
