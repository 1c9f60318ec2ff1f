#!/usr/bin/env bash
# Runs tests of core in an environment in which PySide6 is not installed: core is a library of its own.
# Sandboxes and test frameworks are left to the whole run: they are processes, whatever is installed here.
set -euo pipefail
cd "$(dirname "$0")/.."

venv="${XDG_CACHE_HOME:-$HOME/.cache}/greenbar-ci/core-$(cat pyproject.toml packaging/core_without_qt.sh | sha256sum | cut -c1-16)"
if [ ! -e "$venv/ready" ]; then
  rm -rf "${venv%-*}"-*  # those of older dependencies too
  .venv/bin/uv venv --quiet "$venv" --python .venv/bin/python
  .venv/bin/python - > "$venv/requirements.txt" <<'EOF'
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
extras = project["optional-dependencies"]
for line in project["dependencies"] + extras["local"] + extras["anthropic"] + extras["bench"] + extras["dev"]:
    if not line.lower().startswith(("pyside6", "qtconsole", "pytest-qt", project["name"])):
        print(line)
EOF
  .venv/bin/uv pip install --quiet --python "$venv/bin/python" -r "$venv/requirements.txt"
  touch "$venv/ready"
fi
"$venv/bin/python" -c 'import importlib.util as u, sys; sys.exit(u.find_spec("PySide6") is not None)'
"$venv/bin/python" -m pytest tests/core -q --ignore=tests/core/sandbox --ignore=tests/core/testing \
  -m "not docker and not bubblewrap and not model and not slow"
