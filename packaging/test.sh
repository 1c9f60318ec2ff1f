#!/usr/bin/env bash
# Runs the tests, without a display of their own. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
export QT_QPA_PLATFORM=offscreen

# A user who has joined Docker's group has it only from the next login on; sg enters it now.
if [[ " $(id -nG "$(id -un)") " == *" docker "* && " $(id -nG) " != *" docker "* ]]; then
  printf -v command '%q ' .venv/bin/python -m pytest "$@"
  exec sg docker -c "$command"
fi
exec .venv/bin/python -m pytest "$@"
