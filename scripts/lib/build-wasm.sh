# Rust → www/wasm: compile for wasm32, make the JavaScript glue, optimise, and say how large it is.
# shellcheck shell=bash

WASM_FEATURES=webgpu
WASM_RUSTFLAGS="-C target-feature=+simd128"
# -Os as the compiler's opt-level: the time goes into hand-vectorised products, and the download is what a visitor waits for.
WASM_OPT_FLAGS="-Os --strip-debug --enable-simd --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext
  --enable-mutable-globals --enable-reference-types --enable-multivalue"

# cargo_wasm SUBCOMMAND [ARGUMENT...]: cargo for wasm32 with this project's profile, features and flags.
cargo_wasm() {
  local subcommand=$1
  shift
  # A target folder of its own: other flags would have the native dependencies compiled again.
  # shellcheck disable=SC2086  # RESITU_CARGO_WASM is a command with arguments.
  (cd "$RESITU_ROOT" && CARGO_TARGET_DIR="$RESITU_CACHE/target-wasm" RUSTFLAGS="$WASM_RUSTFLAGS" \
    $RESITU_CARGO_WASM "$subcommand" --profile wasm --target "$WASM_TARGET" --no-default-features --features "$WASM_FEATURES" --lib "$@")
}

# RESITU_WASM_OPT=0 leaves wasm-opt out: minutes quicker, and the file larger. Not for publishing.
build_wasm() {
  setup_wasm_std
  setup_wasm_bindgen
  local out=$RESITU_ROOT/www/wasm optimise=${RESITU_WASM_OPT:-1} key raw bound
  # shellcheck disable=SC2086
  key="$(digest_of Cargo.toml Cargo.lock src scripts/lib/build-wasm.sh) $(${RESITU_CARGO_WASM/cargo/rustc} --version) optimised=$optimise"
  if fresh "$out/.inputs" "$key"; then
    say "www/wasm is up to date"
    return 0
  fi
  say "compiling for wasm32 (about 10 minutes the first time, on two cores)"
  cargo_wasm build || could_not "compile for wasm32" "cargo failed (its message is above)" "mend the code, or see docs/development.md"
  raw=$RESITU_CACHE/target-wasm/$WASM_TARGET/wasm/resitu.wasm
  bound=$(mktemp -d)
  say "making the JavaScript glue"
  # The worker is told where the wasm is; a default address would have bundlers ship a second copy of it.
  "$RESITU_WASM_BINDGEN" --target web --omit-default-module-path --out-dir "$bound" --out-name resitu "$raw" ||
    could_not "make the JavaScript glue" "wasm-bindgen failed (its message is above)" "see docs/development.md"
  [ "$optimise" = 0 ] || optimise_wasm "$bound/resitu_bg.wasm"
  mkdir -p "$out"
  rm -f "$out"/resitu*
  cp "$bound"/* "$out/"
  rm -rf "$bound"
  print_wasm_sizes "$out/resitu_bg.wasm" | tee "$out/sizes.txt"
  printf '%s' "$key" >"$out/.inputs"
}

# optimise_wasm FILE: in place. The result is kept by the input's hash, because it takes minutes and most clones need the same.
optimise_wasm() {
  setup_wasm_opt
  local key kept=$RESITU_CACHE/wasm-opt
  # shellcheck disable=SC2086
  key=$({ cat "$1" && echo $WASM_OPT_FLAGS && echo "$BINARYEN_VERSION"; } | sha256sum | cut -d ' ' -f 1)
  mkdir -p "$kept"
  if [ ! -f "$kept/$key.wasm" ]; then
    say "optimising the wasm (wasm-opt, about 4 minutes)"
    # shellcheck disable=SC2086
    "$RESITU_WASM_OPT_BIN" $WASM_OPT_FLAGS "$1" -o "$kept/$key.part" ||
      could_not "optimise the wasm" "wasm-opt failed (its message is above)" "set RESITU_WASM_OPT=0 to build without it"
    mv "$kept/$key.part" "$kept/$key.wasm"
    # The last three are enough; an older one is made again when somebody asks.
    find "$kept" -name '*.wasm' -printf '%T@ %p\n' | sort -rn | tail -n +4 | cut -d ' ' -f 2- | xargs -r rm -f
  fi
  cp "$kept/$key.wasm" "$1"
}

print_wasm_sizes() {
  local raw gzip brotli
  raw=$(wc -c <"$1")
  gzip=$(gzip -9 -c "$1" | wc -c)
  # Node has brotli built in; a brotli command would be one more package.
  brotli=$(node -e 'const zlib = require("zlib"), fs = require("fs"); console.log(zlib.brotliCompressSync(fs.readFileSync(process.argv[1])).length)' "$1")
  awk -v raw="$raw" -v gzip="$gzip" -v brotli="$brotli" \
    'BEGIN { printf "wasm: %.2f MB, %.2f MB gzip, %.2f MB brotli\n", raw / 1e6, gzip / 1e6, brotli / 1e6 }'
}
