#!/usr/bin/env bash
set -euo pipefail
# From a fresh clone to the page in a browser: installs what is missing, builds, serves, prints the address.
. "$(dirname "$0")/lib/all.sh"

usage() {
  cat <<'END'
usage: scripts/demo.sh [--port N] [--no-serve]

Installs whatever is missing, builds the page and serves it on this machine only, until Ctrl-C.

  --port N     serve on this port (default: the first free one from 8080)
  --no-serve   stop after building

  RESITU_WASM_STD=rustup|debian  where Rust's standard library for wasm32 comes from (default: rustup)
  RESITU_WASM_OPT=0              leave wasm-opt out: quicker, larger, for development
  RESITU_CACHE=FOLDER            where tools and compiled dependencies are kept (default: ~/.cache/resitu)
END
}

port="" serve=yes
while [ $# -gt 0 ]; do
  case $1 in
    --port)
      port=${2:-}
      [[ $port =~ ^[0-9]+$ ]] || could_not "serve on port '$port'" "it is not a number" "say --port 8080, for example"
      shift
      ;;
    --no-serve) serve=no ;;
    --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

# free_port: the first port from 8080 on that nobody listens on.
free_port() {
  node -e '
    const net = require("net");
    const tryPort = (port) => {
      const server = net.createServer();
      server.once("error", () => (port < 8180 ? tryPort(port + 1) : process.exit(1)));
      server.listen(port, "127.0.0.1", () => server.close(() => console.log(port)));
    };
    tryPort(8080);'
}

build_wasm
build_www
[ "$serve" = yes ] || exit 0

[ -n "$port" ] || port=$(free_port) ||
  could_not "serve the page" "the ports 8080 to 8180 are all taken" "choose one with --port"
say "the page is at http://127.0.0.1:$port/ (Ctrl-C ends it)"
cd "$RESITU_ROOT/www"
exec npm run --silent preview -- --host 127.0.0.1 --port "$port" --strictPort
