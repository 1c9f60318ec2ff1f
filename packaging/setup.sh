#!/usr/bin/env bash
# Makes .venv with the greenbar command, and installs what is missing around it.
#   setup.sh run    the program, the libraries that Qt needs, a sandbox, the local model
#   setup.sh test   the same with what the tests need (Docker, bubblewrap, Xvfb, development tools)
#   setup.sh dev    .venv with the development tools only
# Says what it does, can be run again, asks before sudo (not as root, never with CI=true).
set -euo pipefail
cd "$(dirname "$0")/.."

purpose="${1:-run}"
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 2; }

# --- system packages ----------------------------------------------------------------------------

missing=()
# need PACKAGE TEST...: note the package where the test fails.
need() { local package="$1"; shift; "$@" >/dev/null 2>&1 || missing+=("$package"); }
library() { ldconfig -p | grep -q "$1"; }
# On Debian and Ubuntu these are in PATH for root only.
program() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

consent_to_sudo() {
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null || fail "these packages are missing and there is no sudo: ${missing[*]}"
  if [ "${CI:-}" = true ]; then return 0; fi
  [ -t 0 ] || fail "these packages are missing: sudo apt-get install ${missing[*]}"
  printf 'May I run "sudo apt-get install %s"? [y/N] ' "${missing[*]}"
  local answer; read -r answer
  [[ "$answer" =~ ^[Yy] ]] || fail "nothing was installed; these packages are needed: ${missing[*]}"
}

install_missing() {
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "install these (or their like on this system): ${missing[*]}"
  consent_to_sudo
  say "Installing system packages: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
  missing=()
}

need_qt_libraries() {
  need libegl1 library libEGL.so.1
  need libgl1 library libGL.so.1
  need libxkbcommon0 library libxkbcommon.so.0
  need libdbus-1-3 library libdbus-1.so.3
  need libfontconfig1 library libfontconfig.so.1
  need libxcb-cursor0 library libxcb-cursor.so.0
  need libxcb-icccm4 library libxcb-icccm.so.4
  need libxcb-keysyms1 library libxcb-keysyms.so.1
  need libxcb-image0 library libxcb-image.so.0
  need libxcb-render-util0 library libxcb-render-util.so.0
  need libxcb-shape0 library libxcb-shape.so.0
  need libxcb-xkb1 library libxcb-xkb.so.1
  need libxkbcommon-x11-0 library libxkbcommon-x11.so.0
  need fonts-dejavu-core test -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
}

has_docker() { docker info; }

if [ "$(uname)" = Linux ]; then
  need git program git
  if [ "$purpose" != dev ]; then need_qt_libraries; fi
  case "$purpose" in
    run)
      has_docker >/dev/null 2>&1 || need bubblewrap program bwrap
      ;;
    test)
      need bubblewrap program bwrap
      need debootstrap program debootstrap
      need docker.io program dockerd
      need iptables program iptables
      need xvfb program Xvfb
      need openbox program openbox
      need x11-utils program xwininfo
      need imagemagick program import
      need dbus program dbus-daemon
      need gnome-keyring program gnome-keyring-daemon
      ;;
  esac
  install_missing
fi

# --- the virtual environment -----------------------------------------------------------------------

find_python() {
  local candidate
  for candidate in python3.13 python3.12 python3.11 python3 python; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
      command -v "$candidate"; return
    fi
  done
  fail "Python 3.11, 3.12 or 3.13 is needed and was not found"
}

if ! .venv/bin/python -c 'import sys' 2>/dev/null; then
  python="$(find_python)"
  say "Making .venv with $("$python" --version)"
  rm -rf .venv
  if ! "$python" -m venv .venv 2>/dev/null; then
    rm -rf .venv
    missing=(python3-venv)
    install_missing
    "$python" -m venv .venv
  fi
fi

extras="local,dev"
[ "$purpose" = run ] && extras="local"
stamp=".venv/.greenbar-$extras-$(sha256sum pyproject.toml | cut -c1-16)"
if [ ! -e "$stamp" ]; then
  say "Installing Greenbar and its Python packages into .venv"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
  .venv/bin/uv pip install --quiet --python .venv/bin/python --editable ".[$extras]" ||
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"
  rm -f .venv/.greenbar-"$extras"-*
  touch "$stamp"
fi
[ "$purpose" = dev ] && exit 0

# --- Docker, for the tests ---------------------------------------------------------------------------

start_docker() {
  has_docker >/dev/null 2>&1 && return 0
  say "Starting Docker"
  if [ "$(id -u)" != 0 ]; then consent_to_sudo; fi
  as_root service docker start >/dev/null 2>&1 || as_root systemctl start docker >/dev/null 2>&1 || true
  for _ in $(seq 20); do has_docker >/dev/null 2>&1 && return 0; sleep 0.5; done
  # No init system (a container, a bare machine): start the daemon by hand.
  as_root sh -c 'setsid dockerd >/var/log/greenbar-dockerd.log 2>&1 </dev/null &'
  for _ in $(seq 40); do has_docker >/dev/null 2>&1 && return 0; sleep 0.5; done
  fail "Docker is installed and does not start; see /var/log/greenbar-dockerd.log"
}

if [ "$purpose" = test ] && [ "$(uname)" = Linux ]; then start_docker; fi

# --- the local model -----------------------------------------------------------------------------------

say "Looking for the local model (1.1 GB, fetched once)"
.venv/bin/greenbar models pull
