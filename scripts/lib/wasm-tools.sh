# The two tools that turn a compiled library into what a browser loads: wasm-bindgen and wasm-opt.
# shellcheck shell=bash

# wasm-bindgen's command line and library must be of one version; Cargo.toml pins the library.
setup_wasm_bindgen() {
  setup_rust
  local version
  version=$(sed -n 's/^wasm-bindgen = "=\(.*\)"/\1/p' "$RESITU_ROOT/Cargo.toml")
  [ -n "$version" ] || could_not "choose wasm-bindgen" "Cargo.toml pins no exact version of it" "write wasm-bindgen = \"=X.Y.Z\" there"
  RESITU_WASM_BINDGEN=$RESITU_CACHE/tools/bin/wasm-bindgen
  export RESITU_WASM_BINDGEN
  if [ -x "$RESITU_WASM_BINDGEN" ] && [ "$("$RESITU_WASM_BINDGEN" --version)" = "wasm-bindgen $version" ]; then return 0; fi
  say "building wasm-bindgen $version (3 minutes, once)"
  # Without --locked: the lock file in the published crate names a crate version that is no longer served.
  env -u RUSTFLAGS CARGO_TARGET_DIR="$RESITU_CACHE/tools/target" \
    cargo install --quiet --root "$RESITU_CACHE/tools" --version "=$version" wasm-bindgen-cli ||
    could_not "build wasm-bindgen $version" "cargo install failed (its message is above)" "check that crates.io can be reached, then run this again"
  rm -rf "$RESITU_CACHE/tools/target"
}

BINARYEN_VERSION=132.0.0

# wasm-opt, from the npm package binaryen: a tool of the build, so it is kept with the others and not in www/package.json.
setup_wasm_opt() {
  require_node
  local folder=$RESITU_CACHE/tools/binaryen-$BINARYEN_VERSION
  RESITU_WASM_OPT_BIN=$folder/node_modules/.bin/wasm-opt
  export RESITU_WASM_OPT_BIN
  if [ -x "$RESITU_WASM_OPT_BIN" ]; then return 0; fi
  say "installing wasm-opt (npm package binaryen $BINARYEN_VERSION)"
  npm install --prefix "$folder" --no-audit --no-fund --no-save --loglevel=error "binaryen@$BINARYEN_VERSION" >/dev/null ||
    could_not "install wasm-opt" "npm install failed (its message is above)" "check that the npm registry can be reached, or set RESITU_WASM_OPT=0"
}
