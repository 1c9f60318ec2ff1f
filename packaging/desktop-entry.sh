#!/usr/bin/env bash
# Adds Greenbar to this user's menu, or takes it away.  desktop-entry.sh install|remove
set -euo pipefail
cd "$(dirname "$0")/.."

data="${XDG_DATA_HOME:-$HOME/.local/share}"
entry="$data/applications/greenbar.desktop"
icon="$data/icons/hicolor/scalable/apps/greenbar.svg"

# One argument of Exec=, by the rules of the Desktop Entry Specification: quoted as in a shell, then
# backslashes doubled as in every value, then % doubled as the mark of a field code.
exec_argument() {
  local text="$1"
  text="${text//\\/\\\\\\\\}"
  text="${text//\"/\\\\\"}"
  text="${text//\`/\\\\\`}"
  text="${text//\$/\\\\\$}"
  printf '"%s"' "${text//%/%%}"
}

case "${1:-}" in
  install)
    mkdir -p "$(dirname "$entry")" "$(dirname "$icon")"
    cp resources/icons/greenbar.svg "$icon"
    cat > "$entry" <<EOF
[Desktop Entry]
Type=Application
Version=1.0
Name=Greenbar
GenericName=Test repair
Comment=Turns failing tests green, judged by your tests
Exec=$(exec_argument "$PWD/.venv/bin/greenbar") %f
Icon=greenbar
Terminal=false
Categories=Development;
Keywords=test;pytest;fix;
StartupWMClass=greenbar
EOF
    echo "Greenbar is in your menu: $entry"
    ;;
  remove)
    rm -f "$entry" "$icon"
    echo "Greenbar is not in your menu any more."
    ;;
  *)
    echo "usage: desktop-entry.sh install|remove" >&2
    exit 2
    ;;
esac
