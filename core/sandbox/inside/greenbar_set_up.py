"""Installs what a repository's tests need: once, with network, long before any test runs.

``python3 -I greenbar_set_up.py JOB``, JOB being a file of JSON (see ``core/sandbox/installer.py``). What
it prints is shown to the user as it comes; a line that begins with NOTE is kept beside the result.

Runs on Python 3.8 or newer with the standard library; imports nothing of Greenbar.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys

NOTE = "greenbar-note: "
BUILT = "project"
"""Below the environment's folder: what the installation left in the project's own folder."""


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    shutil.copytree(job["base"], job["work"], symlinks=True, dirs_exist_ok=True)
    os.chdir(job["work"])
    status = install_python(job)
    for command in job["commands"]:
        status = status or run(["/bin/sh", "-c", command], command_env(job))
    if status == 0:
        keep_built(job["base"], job["work"], os.path.join(job["target"], BUILT))
    return status


def install_python(job):
    """The virtual environment, and what the plan wants in it. Returns an exit status."""
    env = dict(os.environ)
    target, uv = job["target"], job["uv"]
    status = run([uv, "venv", "--quiet", "--no-project", "--python", job["python"], target], env)
    wanted = [word for name in job["requirement_files"] for word in ("-r", name)] + job["packages"]
    if job["editable_extras"] is not None:
        extras = ",".join(job["editable_extras"])
        wanted += ["-e", job["work"] + ("[%s]" % extras if extras else "")]
        if not os.path.exists(".git"):
            env.update(SETUPTOOLS_SCM_PRETEND_VERSION="0.0.0", PBR_VERSION="0.0.0")
    if status == 0 and wanted:
        python = os.path.join(target, "bin", "python")
        status = run([uv, "pip", "install", "--python", python, *wanted], env)
    return status


def command_env(job):
    path = os.path.join(job["target"], "bin") + os.pathsep + os.environ.get("PATH", os.defpath)
    return {**os.environ, "PATH": path, "GREENBAR_ENV": job["target"], "VIRTUAL_ENV": job["target"]}


def run(command, env):
    print("$ " + " ".join(shlex.quote(word) for word in command), flush=True)
    return subprocess.call(command, env=env, stdin=subprocess.DEVNULL)


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
