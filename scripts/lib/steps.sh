# The checks and tests, one function a step, and the runner that times them and says at the end how they went.
# shellcheck shell=bash

# shellcheck disable=SC2034  # Read by test.sh.
STEPS=(setup format clippy rustdoc rust-tests clippy-wasm wasm types unit-tests www browser-tests)

describe_step() {
  case $1 in
    setup) echo "install what the steps below need" ;;
    format) echo "cargo fmt --check" ;;
    clippy) echo "clippy on everything native, warnings are errors" ;;
    rustdoc) echo "the crate's documentation, warnings are errors" ;;
    rust-tests) echo "cargo test --release" ;;
    clippy-wasm) echo "clippy on the library as it is for wasm32" ;;
    wasm) echo "build www/wasm" ;;
    types) echo "TypeScript, strict" ;;
    unit-tests) echo "vitest" ;;
    www) echo "build the npm package and the page" ;;
    browser-tests) echo "the packed tarball and the page, in real Chromium" ;;
  esac
}

step_setup() {
  setup_rust
  setup_wasm_clippy
  setup_wasm_bindgen
  setup_wasm_opt
  setup_node www pkg-tests
  setup_browser
  setup_python
  say "everything that the tests need is installed"
}

# Every step below asks for its own set-up too, so that `--only` works alone; it costs nothing when all is there.

step_format() {
  setup_rust
  cargo fmt --check
}

step_clippy() {
  setup_rust
  cargo clippy --release --all-targets -- -D warnings
}

step_rustdoc() {
  setup_rust
  # Private items too: they are documented for the next owner, and there a link to a private item is right.
  RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" cargo doc --release --no-deps --document-private-items
}

step_rust-tests() {
  setup_rust
  setup_python
  local show=()
  # Tests that need real data say that they are skipped; without this cargo would keep it to itself.
  [ -d "$RESITU_DATA" ] || show=(--show-output)
  cargo test --release --no-fail-fast -- ${show[@]+"${show[@]}"}
}

step_clippy-wasm() {
  setup_wasm_clippy
  cargo_wasm clippy -- -D warnings
}

step_wasm() { build_wasm; }

step_types() {
  setup_node www
  need_wasm
  cd www
  npm run --silent typecheck
}

step_unit-tests() {
  setup_node www
  need_wasm
  cd www
  npm test --silent
}

step_www() {
  need_wasm
  build_www
}

step_browser-tests() {
  setup_browser
  setup_python
  setup_node pkg-tests
  cd pkg-tests
  npm test --silent
}

need_wasm() {
  [ -f "$RESITU_ROOT/www/wasm/resitu_bg.wasm" ] || could_not "check www" "www/wasm is not built" "run the step 'wasm' first"
}

# run_step NAME: runs it in a shell of its own, so that one failure does not end the others, and notes result and time.
run_step() {
  local name=$1 log=$LOGS/$1.log started=$SECONDS cpu status
  cpu_seconds
  cpu=$CPU_SECONDS
  printf '\n==> %s: %s\n' "$name" "$(describe_step "$name")"
  # Not in an `if`: bash would then ignore a failing command inside.
  set +e
  (
    set -e
    cd "$RESITU_ROOT"
    "step_$name"
  ) 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  set -e
  local took=$((SECONDS - started)) result=passed
  [ "$status" -eq 0 ] || result=FAILED
  cpu_seconds
  RESULTS+=("$name|$result|$took|$((CPU_SECONDS - cpu))|$(closing_line "$log")")
}

# cpu_seconds: sets CPU_SECONDS to what the children have used so far; on a busy machine it says more than the clock.
cpu_seconds() {
  # Through a file: in a pipe or $(…) `times` would speak of another shell's children.
  times >"$LOGS/times"
  CPU_SECONDS=$(awk 'NR == 2 { split($1, user, /[ms]/); split($2, kernel, /[ms]/)
                               printf "%d", 60 * (user[1] + kernel[1]) + user[2] + kernel[2] }' "$LOGS/times")
}

# closing_line LOG: what the runner said last about its tests, in one form for all; for a step without tests, its result.
closing_line() {
  # Colour codes are stripped. cargo says its line once a binary, and node's runner one number a line: they are added up.
  sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
    /^test result:/                  { passed += $4; failed += $6; skipped += $8; tests = 1 }
    $2 == "pass" && NF == 3          { passed += $3; tests = 1 }
    $2 == "fail" && NF == 3          { failed += $3 }
    $2 == "skipped" && NF == 3       { skipped += $3 }
    /^ *Tests  /                     { sub(/^ *Tests +/, ""); line = $0 }
    /^(wasm: |could not: |error)/    { line = $0 }
    END { if (tests) printf "%d passed, %d failed, %d skipped", passed, failed, skipped; else print line }'
}

print_summary() {
  local row name result took cpu line passed=0 failed=0
  printf '\n==> summary\n%-14s %-7s %7s %7s\n' step result time cpu
  for row in "${RESULTS[@]}"; do
    IFS='|' read -r name result took cpu line <<<"$row"
    printf '%-14s %-7s %7s %7s  %s\n' "$name" "$result" "$(minutes "$took")" "$(minutes "$cpu")" "$line"
    if [ "$result" = passed ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
  # Without their real data or their tool, tests say so themselves; here once more, where nobody overlooks it.
  sed 's/\x1b\[[0-9;]*m//g' "$LOGS"/*.log | grep -Eo 'skipped: .*' | sort -u || true
  [ -d "$RESITU_DATA" ] || printf 'no real data at %s: the tests that need it were skipped (set RESITU_DATA)\n' "$RESITU_DATA"
  printf 'total %s\n' "$(minutes "$SECONDS")"
  printf 'steps: %d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
