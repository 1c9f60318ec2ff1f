# shellcheck shell=bash
# What Greenbar needs from the system, and how it gets there. Sourced by setup.sh.

python="${python:-python3}"

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 2; }

# --- root, only with consent ----------------------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# may_sudo COMMAND [MEANING]: true where the user agrees, or need not be asked (root, CI=true).
may_sudo() {
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null || return 1
  [ "${CI:-}" = true ] && return 0
  [ -t 0 ] || return 1
  local answer
  printf 'May I run "sudo %s"?%s [y/N] ' "$1" "${2:+ $2}"
  read -r answer || return 1
  [[ "$answer" =~ ^[Yy] ]]
}

# --- packages -------------------------------------------------------------------------------------

missing=()
# On Debian and Ubuntu /sbin is in the PATH of root only.
libraries="$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null || true)"

# need PACKAGE TEST...: note the package where the test fails.
need() { local package="$1"; shift; "$@" >/dev/null 2>&1 || missing+=("$package"); }
library() { [[ "$libraries" == *"$1"* ]]; }
program() { PATH="$PATH:/usr/sbin:/sbin" command -v "$1"; }

need_qt() {
  need libglib2.0-0 library libgthread-2.0.so.0
  need libegl1 library libEGL.so.1
  need libgl1 library libGL.so.1
  need libdbus-1-3 library libdbus-1.so.3
  need libfontconfig1 library libfontconfig.so.1
  need libgssapi-krb5-2 library libgssapi_krb5.so.2
  need libwayland-cursor0 library libwayland-cursor.so.0
  need libwayland-egl1 library libwayland-egl.so.1
  need libxkbcommon0 library libxkbcommon.so.0
  need libxkbcommon-x11-0 library libxkbcommon-x11.so.0
  need libxcb-cursor0 library libxcb-cursor.so.0
  need libxcb-icccm4 library libxcb-icccm.so.4
  need libxcb-image0 library libxcb-image.so.0
  need libxcb-keysyms1 library libxcb-keysyms.so.1
  need libxcb-render-util0 library libxcb-render-util.so.0
  need libxcb-shape0 library libxcb-shape.so.0
  need libxcb-xkb1 library libxcb-xkb.so.1
  need fonts-dejavu-core test -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
}

# The prebuilt llama.cpp is linked with OpenMP.
need_llama_cpp() { need libgomp1 library libgomp.so.1; }

need_sandbox() { has_docker || need bubblewrap program bwrap; }

need_tests() {
  need bubblewrap program bwrap
  need debootstrap program debootstrap
  need fakeroot program fakeroot
  need docker.io program dockerd
  need iptables program iptables
  need dbus-daemon program dbus-daemon
  need gnome-keyring program gnome-keyring-daemon
  if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
    need apparmor program apparmor_parser
  fi
}

need_display() {
  need xvfb program Xvfb
  need xauth program xauth
  need openbox program openbox
}

install_missing() {
  [ "${#missing[@]}" -gt 0 ] || return 0
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq) log
  command -v apt-get >/dev/null ||
    fail "Install these packages, or their like on this system: ${missing[*]}"
  may_sudo "apt-get install ${missing[*]}" ||
    fail "Nothing was installed. Greenbar needs these packages: sudo apt-get install ${missing[*]}"
  say "Installing system packages: ${missing[*]}"
  log="$(mktemp)"
  if ! { as_root "${apt[@]}" update &&
    as_root "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install these packages: ${missing[*]}"
  fi
  rm -f "$log"
  missing=()
}

# --- Docker ---------------------------------------------------------------------------------------

# Asks the engine itself: to run, the docker command is not needed, and Debian 13 has it in its own package.
# Status 0: it answers; 13: this user may not ask; else it is not there.
ask_docker() {
  "$python" - "${DOCKER_HOST:-unix:///var/run/docker.sock}" 2>/dev/null <<'PYTHON'
import socket
import sys

kind, _, place = sys.argv[1].partition("://")
try:
    if kind == "unix":
        engine = socket.socket(socket.AF_UNIX)
        engine.settimeout(10)
        engine.connect(place)
    else:
        host, _, port = place.rpartition(":")
        engine = socket.create_connection((host, int(port)), timeout=10)
    engine.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
    sys.exit(b" 200 " not in engine.recv(100))
except PermissionError:
    sys.exit(13)
PYTHON
}

has_docker() { ask_docker; }
docker_runs() { local status=0; ask_docker || status=$?; [ "$status" = 0 ] || [ "$status" = 13 ]; }
in_docker_group() { [[ " $(id -nG "$(id -un)") " == *" docker "* ]]; }

wait_for_docker() {
  local tries
  for ((tries = 0; tries < 2 * $1; tries++)); do
    docker_runs && return 0
    sleep 0.5
  done
  return 1
}

start_docker() {
  docker_runs && return 0
  may_sudo "service docker start" || { say "Docker is not running; its tests are skipped"; return 0; }
  say "Starting Docker"
  as_root service docker start >/dev/null 2>&1 || as_root systemctl start docker >/dev/null 2>&1 || true
  wait_for_docker 10 && return 0
  # No init system (a container, a bare machine): start the daemon by hand.
  as_root sh -c 'setsid dockerd >/var/log/greenbar-dockerd.log 2>&1 </dev/null &'
  wait_for_docker 20 && return 0
  as_root tail -n 5 /var/log/greenbar-dockerd.log >&2 || true
  fail "Docker is installed and does not start; see /var/log/greenbar-dockerd.log"
}

# Where the user may not ask Docker: through its group. test.sh enters it, before the next login.
join_docker_group() {
  if has_docker || in_docker_group || ! docker_runs; then return 0; fi
  local user; user="$(id -un)"
  if may_sudo "usermod --append --groups docker $user" "Members of that group can act as root."; then
    as_root usermod --append --groups docker "$user"
  else
    say "You may not use Docker; its tests are skipped"
  fi
}
