# Words, places and small tools that every script shares. Sourced, never run.
# shellcheck shell=bash

set -euo pipefail

RESITU_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Everything that can be made again lives here, outside the checkout, so that a second clone is quick.
RESITU_CACHE=${RESITU_CACHE:-$HOME/.cache/resitu}
export RESITU_ROOT RESITU_CACHE
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$RESITU_CACHE/target}

say() { printf '==> %s\n' "$*"; }

# could_not WHAT WHY WHAT-TO-DO: the one way in which a script gives up.
could_not() {
  printf 'could not: %s — %s — %s\n' "$1" "$2" "$3" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least 20.19.0 "$version": true when the second is the first or later.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    could_not "run '$*'" "it needs root, and there is no sudo" "run this script as root, or have it run by somebody who can"
  fi
}

# install_debian WHAT-FOR PACKAGE...: installs those that are missing; does nothing when all are there.
install_debian() {
  local purpose=$1 package missing=()
  shift
  have apt-get || could_not "install $*" "this is not a Debian-like system" "install them by your system's means ($purpose)"
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep 'install ok installed' >/dev/null || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing Debian packages for $purpose: ${missing[*]}"
  local log
  log=$(mktemp)
  # --no-remove: a machine that has another version of these for its own reasons keeps it, and hears about the conflict.
  if ! { as_root apt-get update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --no-remove \
      -o DPkg::Lock::Timeout=300 "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    rm -f "$log"
    could_not "install ${missing[*]}" "apt-get failed (its last lines are above)" "install them by hand, then run this again"
  fi
  rm -f "$log"
}

# digest_of PATH...: one SHA-256 over names and contents below the repository's root, to tell whether work has to be done again.
digest_of() {
  (cd "$RESITU_ROOT" && find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -d ' ' -f 1
}

# fresh STAMP KEY: true when the stamp file says that the work of this key was done.
fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

minutes() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }
