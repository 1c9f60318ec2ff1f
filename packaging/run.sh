#!/usr/bin/env bash
# Starts Greenbar on the sample repository: in the window, or on the command line without a display.
set -euo pipefail
cd "$(dirname "$0")/.."

if .venv/bin/python -c 'import os, sys, app.display as d; sys.exit(not d.has_display(os.environ))'; then
  exec .venv/bin/greenbar --sample
fi
echo "There is no display here, so Greenbar fixes the sample repository on the command line."
repository="$(.venv/bin/greenbar sample)"
echo "The repository is $repository"
exec .venv/bin/greenbar fix "$repository" --apply
