#!/usr/bin/env bash
# Draws the real program at work into docs/screenshots, and every state of the window in every look into
# build/screenshots (some two hundred pictures, to be looked at and not kept), under Xvfb with a real
# window manager.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck disable=SC2016  # the inner shell expands them
exec xvfb-run -a -s "-screen 0 1600x1000x24" bash -c '
  openbox & manager=$!
  trap "kill $manager" EXIT
  sleep 0.5
  QT_QPA_PLATFORM=xcb .venv/bin/python -m tests.screenshots docs/screenshots
  QT_QPA_PLATFORM=xcb .venv/bin/python -m tests.ui.screenshots build/screenshots'
