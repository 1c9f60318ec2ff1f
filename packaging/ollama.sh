#!/usr/bin/env bash
# Builds a real Ollama server for the tests, once: from its Go module, through Go's module proxy.
#   ollama.sh              prints the program's path; builds it first where it is not there yet
#   ollama.sh --no-build   prints the path, or nothing where it is not there
# Kept in ~/.cache/greenbar/ollama/VERSION. Status 0 even where it cannot be built: it says why, and the
# tests that need it are skipped (in CI they fail).
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR source=packages.sh
. packaging/packages.sh

# The newest release on the proxy whose CPU runner cgo compiles from the module alone, but for three
# header-only libraries: a module's archive leaves out every folder named vendor, where they are.
version=0.17.4
miniaudio=github.com/gen2brain/malgo@v0.11.24
go_needed=1.24.1
minutes=30

cache="${XDG_CACHE_HOME:-$HOME/.cache}/greenbar/ollama"
program="$cache/$version/ollama"
if [ -x "$program" ]; then echo "$program"; exit 0; fi
[ "${1:-}" != --no-build ] || exit 0

cannot() { say "Ollama $version is not built, so its tests are skipped: $*" >&2; exit 0; }

PATH="$PATH:/usr/local/go/bin"
command -v go >/dev/null || cannot "Go $go_needed or newer is needed (https://go.dev/dl)"
go_here="$(go env GOVERSION)"
[ "$(printf '%s\n' "$go_needed" "${go_here#go}" | sort -V | head -n 1)" = "$go_needed" ] ||
  cannot "Go $go_needed or newer is needed, and this is ${go_here#go}"

need g++ program g++
need nlohmann-json3-dev test -e /usr/include/nlohmann/json_fwd.hpp
need libstb-dev test -e /usr/include/stb/stb_image.h
if [ "${#missing[@]}" -gt 0 ] && ! command -v apt-get >/dev/null; then
  cannot "these are needed: ${missing[*]}"
fi
install_missing >&2

# A folder of our own, so that nothing stays behind in the user's Go folders.
work="$cache/build"
mkdir -p "$work/include/miniaudio"
export GOPATH="$work/go" GOCACHE="$work/cache" GOBIN="$work/bin" GOFLAGS="-mod=mod -modcacherw"
export CGO_ENABLED=1 CGO_CPPFLAGS="-I$work/include"
# Ollama's own packages choose among several builds at run time; this one is for this machine alone.
grep -qw avx2 /proc/cpuinfo 2>/dev/null && speed="-march=x86-64-v3" || speed=""
export CGO_CFLAGS="-O2 -g0 -w $speed" CGO_CXXFLAGS="-O2 -g0 -w $speed"

say "Building Ollama $version for the tests (once, some minutes; log: $cache/build.log)" >&2
build() {
  local header
  header="$(go mod download -json "$miniaudio" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')/miniaudio.h" &&
    install -m 644 "$header" "$work/include/miniaudio/" &&
    timeout "${minutes}m" nice -n 15 go install -trimpath \
      -ldflags "-s -w -X github.com/ollama/ollama/version.Version=$version" \
      "github.com/ollama/ollama@v$version"
}
if ! build >"$cache/build.log" 2>&1; then
  tail -n 5 "$cache/build.log" >&2
  cannot "it did not compile within $minutes minutes"
fi
mkdir -p "$cache/$version"
mv "$work/bin/ollama" "$program"
rm -rf "$work"
echo "$program"
