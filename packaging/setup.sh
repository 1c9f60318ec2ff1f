#!/usr/bin/env bash
# Makes .venv with the greenbar command, and installs what is missing around it.
#   setup.sh run           the program, the libraries that Qt and llama.cpp need, a sandbox, the local model
#   setup.sh test          the same with what the tests need (Docker, bubblewrap, development tools)
#   setup.sh screenshots   the same as run with a display that nobody sees and the development tools
#   setup.sh dev           .venv with the development tools only
# Says what it does, can be run again, asks before sudo (not as root, never with CI=true).
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR source=packages.sh
. packaging/packages.sh

purpose="${1:-run}"

# --- system packages ------------------------------------------------------------------------------

find_python() {
  local candidate
  for candidate in python3.13 python3.12 python3.11 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      command -v "$candidate"; return
    fi
  done
  fail "Python 3.11, 3.12 or 3.13 is needed and was not found."
}

has_venv() { .venv/bin/python -c 'import sys'; }

python=.venv/bin/python
has_venv 2>/dev/null || python="$(find_python)"

if [ "$(uname)" = Linux ]; then
  need git program git
  has_venv 2>/dev/null ||
    need "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" \
      "$python" -c 'import ensurepip, venv'
  if [ "$purpose" != dev ]; then need_qt; need_llama_cpp; fi
  case "$purpose" in
    run) need_sandbox ;;
    test) need_tests ;;
    screenshots) need_sandbox; need_display ;;
  esac
  install_missing
  # Debian 12 has the docker command in docker.io, Debian 13 in a package of its own.
  if [ "$purpose" = test ]; then
    need docker-cli program docker
    install_missing
  fi
fi

# --- the virtual environment ----------------------------------------------------------------------

if ! has_venv 2>/dev/null; then
  say "Making .venv with $("$python" --version)"
  rm -rf .venv
  "$python" -m venv .venv
  python=.venv/bin/python
fi

extras="local,dev"
[ "$purpose" = run ] && extras="local"
inputs="$(sha256sum pyproject.toml | cut -c1-16)"
# What was installed for the tests is enough to run.
if [ ! -e ".venv/.greenbar-$extras-$inputs" ] && [ ! -e ".venv/.greenbar-local,dev-$inputs" ]; then
  say "Installing Greenbar and its Python packages into .venv"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
  # uv reads neither pip's variables nor its files.
  index="${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}"
  [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
  .venv/bin/uv pip install --quiet --python .venv/bin/python --editable ".[$extras]" || {
    say "uv could not install them; trying pip"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"
  }
  rm -f .venv/.greenbar-"$extras"-*
  touch ".venv/.greenbar-$extras-$inputs"
fi
[ "$purpose" = dev ] && exit 0

# --- Docker, for the tests ------------------------------------------------------------------------

if [ "$purpose" = test ] && [ "$(uname)" = Linux ]; then
  start_docker
  join_docker_group
fi

# --- the local model ------------------------------------------------------------------------------

say "Looking for the local model (1.1 GB, fetched once)"
.venv/bin/greenbar models pull

# --- Ollama, for the tests ------------------------------------------------------------------------

if [ "$purpose" = test ]; then
  bash packaging/ollama.sh >/dev/null
fi
