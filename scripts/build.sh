#!/usr/bin/env bash
set -euo pipefail
# Builds everything that the browser loads: the wasm, the npm package and the page.
. "$(dirname "$0")/lib/all.sh"

case ${1:-} in
  "") ;;
  *)
    cat <<'END'
usage: scripts/build.sh

Installs what the build needs, then builds www/wasm, www/dist and the page.

  RESITU_WASM_STD=rustup|debian  where Rust's standard library for wasm32 comes from (default: rustup)
  RESITU_WASM_OPT=0              leave wasm-opt out: quicker, larger, for development
  RESITU_CACHE=FOLDER            where tools and compiled dependencies are kept (default: ~/.cache/resitu)
END
    [ "$1" = --help ] || exit 2
    exit 0
    ;;
esac

build_wasm
build_www
