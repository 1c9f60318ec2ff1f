"""Installs what a repository's tests need: once, with network, long before any test runs.

``python3 -I greenbar_set_up.py JOB``, JOB being a file of JSON (``core/sandbox/installer.py`` says what
is in it). What it prints is shown to the user as it comes; a line that begins with NOTE is kept beside
the result. Where the best way fails the next best is tried, and a note says so.

Runs on Python 3.8 or newer with the standard library; imports nothing of Greenbar.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

NOTE = "greenbar-note: "
NOT_WHOLE = "The project itself could not be built"
BUILT = "project"
"""Below the environment's folder: what the installation left in the project's own folder."""
KEPT_LINES = 400
"""Of what a tool says: some complain of a missing compiler, go on, and fail of something else."""
SHOWN_LINES = 40
NO_COMPILER = re.compile(
    r"No such file or directory: '?\S*(gcc|g\+\+|cc|clang)'"
    r"|command '?\S*(gcc|g\+\+|cc|clang)'? failed: No such file|unable to execute '?\S*(gcc|g\+\+|cc)"
    r"|compiler (cannot|not found)|No CMAKE_C(XX)?_COMPILER|Unknown compiler\(s\)"
    r"|linker `cc` not found|Python\.h: No such file|extension could not be compiled",
    re.IGNORECASE,
)
NO_GIT = re.compile(r"Git executable not found|failed to .*git.*No such file", re.IGNORECASE)
NO_REPOSITORY = re.compile(r"Failed to .*build `?([\w.-]+)(?:\[[^\]]*\])? @ git\+")
NO_NETWORK = re.compile(
    r"dns error|failed to lookup address|Connection refused|Network is unreachable|timed out|tunnel error"
    r"|Could not connect|error trying to connect",
    re.IGNORECASE,
)
VERSION_VARIABLES = (
    "SETUPTOOLS_SCM_PRETEND_VERSION",  # of hatch-vcs, too
    "PBR_VERSION",
    "PDM_BUILD_SCM_VERSION",
    "POETRY_DYNAMIC_VERSIONING_BYPASS",
    "UV_DYNAMIC_VERSIONING_BYPASS",
)
COMPILERS = ("build-essential", "python3-dev", "pkg-config", "libffi-dev")


class SetUpFailed(Exception):
    """Its text is what the tool that failed has said."""


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    try:
        SetUp(job, os.path.dirname(sys.argv[1])).carry_out()
    except SetUpFailed as failure:
        print("\n%s" % "\n".join(str(failure).splitlines()[-SHOWN_LINES:]))
        return 1
    return 0


class SetUp:
    """One installation; ``room`` is a folder for what it needs on the way."""

    def __init__(self, job, room):
        self._job = job
        self._room = room
        self._work = job["work"]
        self._target = job["target"]
        self._env = dict(os.environ)
        self._brought = set()

    def carry_out(self):
        job = self._job
        shutil.copytree(job["base"], self._work, symlinks=True, dirs_exist_ok=True)
        os.chdir(self._work)
        python = self._chosen_python()
        self._need([job["uv"], "venv", "--quiet", "--no-project", "--python", python, self._target])
        self._env["VIRTUAL_ENV"] = self._target
        if job["requirement_files"] or job["packages"] or job["export"] or self._whole:
            self._install_project_and_packages()
        self._install_pytest_where_ours_is_too_new()
        self._env["GREENBAR_ENV"] = self._target
        self._env["PATH"] = self._path_for_commands()
        for command in job["commands"]:
            self._need(["/bin/sh", "-c", command])
        keep_built(job["base"], self._work, os.path.join(self._target, BUILT))

    # --- Python -----------------------------------------------------------------------------------

    def _chosen_python(self):
        """The given Python, or one of the wanted minor versions (best first), fetched where it can be."""
        given, wanted = self._job["python"], self._job["minors"]
        own = "%d.%d" % sys.version_info[:2]
        if not wanted or own in wanted:
            return given
        folder = self._job["pythons"]
        fetch = [self._job["uv"], "python", "install", "--no-bin", "--install-dir", folder, wanted[0]]
        self._env["UV_PYTHON_DOWNLOADS"] = "manual"
        self._env["UV_PYTHON_INSTALL_DIR"] = folder
        if self._run(fetch)[0] == 0:
            return wanted[0]
        note(
            "The project asks for Python %s, which could not be fetched; %s was used." % (wanted[0], own)
        )
        return given

    @property
    def _whole(self):
        return self._job["editable_extras"] is not None

    def _install_project_and_packages(self):
        """The project as its developers have it, with locked versions; else the next best way."""
        if self._whole:
            self._pretend_version()
        wholes = (True, False) if self._whole else (False,)
        locks = (True, False) if self._job["export"] or self._job["constraints"] else (False,)
        first = None
        for locked in locks:
            wanted = self._wanted(locked)
            for whole in wholes if wanted is not None else ():
                status, said = self._attempt([*wanted, *self._project(whole)])
                if status == 0:
                    self._confess(first, locked or len(locks) == 1, whole or not self._whole)
                    return
                first = first or said
                if NO_NETWORK.search(said):
                    raise SetUpFailed(said)
        raise SetUpFailed(first or "The lock file could not be read.")

    def _confess(self, failure, locked, whole):
        """Say what could not be done the best way."""
        if not locked:
            note("The lock file does not fit the project, so versions were chosen anew.")
        if not whole:
            note("%s: %s" % (NOT_WHOLE, gist(failure)))

    def _attempt(self, wanted):
        """Install; again where a compiler or git was missing and could be brought, or where a package
        comes from a git repository that cannot be reached and can be left out."""
        install = [self._job["uv"], "pip", "install", "--python", self._python, *wanted]
        status, said = self._run(install)
        while status and (self._bring_missing(said) or self._leave_out(wanted, said)):
            status, said = self._run(install)
        return status, said

    def _leave_out(self, wanted, said):
        """Take the package of which ``said`` tells out of the files of wanted ones."""
        found = NO_REPOSITORY.search(said)
        taken = False
        for path in wanted if found else ():
            if path.startswith(self._room):
                with open(path, encoding="utf-8") as file:
                    lines = file.read().splitlines()
                line = re.compile(r"%s\b.*@\s*git\+" % re.escape(found[1]), re.IGNORECASE)
                kept = [entry for entry in lines if not line.match(entry)]
                if kept != lines:
                    self._write(os.path.basename(path), kept)
                    taken = True
        if taken:
            note("The git repository of %s cannot be reached, so it was left out." % found[1])
        return taken

    def _wanted(self, locked):
        """Arguments of the installer for all but the project; ``None`` where the lock is no help."""
        job = self._job
        wanted = [word for name in job["requirement_files"] for word in ("-r", name)]
        if job["packages"]:
            wanted += ["-r", self._write("packages.txt", job["packages"])]
        if locked and job["constraints"]:
            wanted += ["-c", self._write("constraints.txt", job["constraints"])]
        if job["export"] and locked:
            exported = os.path.join(self._room, "exported.txt")
            export = [job["uv"], "export", "--quiet", "--python", self._python, *job["export"]]
            if self._run([*export, "--output-file", exported])[0]:
                return None
            wanted += ["-r", exported]
        elif job["export"]:
            # By their names, which uv reads from pyproject.toml.
            wanted += options_of(job["export"], "--group")
            if not self._whole:
                wanted += ["-r", "pyproject.toml", *options_of(job["export"], "--extra")]
        return wanted

    def _project(self, whole):
        """The project itself, or only what it depends on."""
        if not self._whole:
            return []
        extras = self._job["editable_extras"]
        if whole:
            return ["-e", self._work + ("[%s]" % ",".join(extras) if extras else "")]
        for name in ("pyproject.toml", "setup.py", "setup.cfg"):
            if os.path.exists(name):
                return ["-r", name, *(word for extra in extras for word in ("--extra", extra))]
        return []

    def _pretend_version(self):
        """For builds that ask git: the private copy has no history. An sdist says it in PKG-INFO."""
        if not os.path.exists(".git") and not os.path.exists("PKG-INFO"):
            self._env.update(dict.fromkeys(VERSION_VARIABLES, self._job["version"] or "0.0.0"))

    def _install_pytest_where_ours_is_too_new(self):
        """The tools bring a pytest, which does not run on every Python that a project may want."""
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        version = subprocess.check_output([self._python, "-I", "-c", code], text=True).strip()
        if tuple(map(int, version.split("."))) >= tuple(self._job["pytest_needs"]):
            return
        if subprocess.call([self._python, "-I", "-c", "import pytest"], stderr=subprocess.DEVNULL):
            self._need([self._job["uv"], "pip", "install", "--python", self._python, "pytest"])

    @property
    def _python(self):
        return os.path.join(self._target, "bin", "python")

    # --- what the machine lacks -------------------------------------------------------------------

    def _bring_missing(self, said):
        """Install a compiler or git, where the sandbox is a container of ours and they were missing."""
        if not self._job["may_install_tools"] or shutil.which("apt-get") is None:
            return False
        wanted = []
        if NO_COMPILER.search(said) and "compilers" not in self._brought:
            self._brought.add("compilers")
            wanted += COMPILERS
        if NO_GIT.search(said) and "git" not in self._brought:
            self._brought.add("git")
            wanted.append("git")
        if not wanted:
            return False
        self._env["DEBIAN_FRONTEND"] = "noninteractive"
        apt = ["apt-get", "-qq", "-o", "Acquire::Retries=2", "-o", "APT::Sandbox::User=root"]
        install = [*apt, "install", "-y", "--no-install-recommends", *wanted]
        if self._run([*apt, "update"])[0] or self._run(install)[0]:
            return False
        shutil.rmtree("/var/lib/apt/lists", ignore_errors=True)
        note("Fetched %s for the build." % " and ".join(sorted(self._brought)))
        return True

    # --- running ----------------------------------------------------------------------------------

    def _path_for_commands(self):
        """``python`` and ``pip`` of a command are the environment's."""
        programs = os.path.join(self._room, "bin")
        os.mkdir(programs)
        for name, command in (("uv", ""), ("pip", " pip")):
            path = os.path.join(programs, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write('#!/bin/sh\nexec %s%s "$@"\n' % (shlex.quote(self._job["uv"]), command))
            os.chmod(path, 0o755)
        folders = (os.path.join(self._target, "bin"), programs, self._env.get("PATH", os.defpath))
        return os.pathsep.join(folders)

    def _write(self, name, lines):
        path = os.path.join(self._room, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def _need(self, command):
        status, said = self._run(command)
        if status:
            raise SetUpFailed(said)

    def _run(self, command):
        """The exit status, and the last lines that the command has said."""
        shown = " ".join(shlex.quote(word) for word in command)
        print("$ " + shown.replace(self._room + "/", ""), flush=True)
        said = []
        with subprocess.Popen(
            command,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process:
            for line in process.stdout:
                print(line, end="", flush=True)
                said = [*said[1 - KEPT_LINES :], line]
        if process.returncode and not said:
            said = ["%s ended with status %d." % (shown, process.returncode)]
        return process.returncode, "".join(said).rstrip()


def options_of(words, name):
    """``name`` and its value, each time that it is among the options."""
    return [word for n, key in enumerate(words) if key == name for word in words[n : n + 2]]


def note(text):
    print(NOTE + text, flush=True)


def gist(said):
    """The line of an error that says most: the innermost one."""
    lines = [line.strip(" \t│├╰─▶×·") for line in (said or "").splitlines()]
    telling = [line for line in lines if re.search(r"\w*(error|cause|fatal)\b:", line, re.IGNORECASE)]
    return (telling or lines or [""])[-1][:200]


def keep_built(base, work, kept):
    """Move what ``work`` has and ``base`` lacks to ``kept``, a new folder as a whole."""
    for name in sorted(os.listdir(work)):
        made, known = os.path.join(work, name), os.path.join(base, name)
        if name == "__pycache__":
            continue
        if not os.path.lexists(known):
            os.makedirs(kept, exist_ok=True)
            shutil.move(made, os.path.join(kept, name))
        elif os.path.isdir(made) and not os.path.islink(made) and os.path.isdir(known):
            keep_built(known, made, os.path.join(kept, name))


if __name__ == "__main__":
    sys.exit(main())
