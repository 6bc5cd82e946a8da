#!/usr/bin/env bash
set -euo pipefail
# Runs libFuzzer on every parser, from real files and those that the tests write, and notes in docs/fuzzing.md what was run.
. "$(dirname "$0")/lib/all.sh"

ALL=(dataset folder archive parquet text_table bundle gene_table pairs)

usage() {
  echo "usage: scripts/fuzz.sh [--minutes N] [--jobs N] [TARGET]..."
  echo
  echo "Fuzzes each target for N minutes by the clock (default 20), at the lowest priority, N targets at a time (default 1)."
  echo "Targets: ${ALL[*]}. Needs a C++ compiler; a stable Rust does."
  echo
  echo "  RESITU_DATA=FOLDER   real data sets to start from (default: ../shared/data)"
  echo "  RESITU_CACHE=FOLDER  where the build, the growing corpus and crashing inputs are kept (default: ~/.cache/resitu)"
}

minutes=20 jobs=1 targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) minutes=${2:-} && shift 2 ;;
    --jobs) jobs=${2:-} && shift 2 ;;
    --help) usage && exit 0 ;;
    *)
      [[ " ${ALL[*]} " == *" $1 "* ]] || could_not "fuzz '$1'" "there is no such target" "see scripts/fuzz.sh --help"
      targets+=("$1") && shift
      ;;
  esac
done
[ ${#targets[@]} -gt 0 ] || targets=("${ALL[@]}")

data=${RESITU_DATA:-$(dirname "$RESITU_ROOT")/shared/data}
folder=$RESITU_CACHE/fuzzing
export CARGO_TARGET_DIR=${RESITU_FUZZ_TARGET_DIR:-$RESITU_CACHE/target-fuzzing}
setup_rust
setup_python
have c++ || could_not "build libFuzzer" "there is no C++ compiler" "install g++ or clang"

say "building the targets"
cd "$RESITU_ROOT/fuzz"
# The versions that the main package ships.
cp ../Cargo.lock Cargo.lock
RUSTC_WRAPPER=$PWD/instrument.sh CARGO_INCREMENTAL=0 nice -n 19 cargo build --quiet --release --bins
programs=$CARGO_TARGET_DIR/release

commit=$(git -C "$RESITU_ROOT" rev-parse --short HEAD)

say "writing seeds"
mkdir -p "$folder/seeds" "$folder/logs"
"$programs/bundle_seed" | nice -n 19 "$RESITU_PYTHON" ../scripts/fuzz_seeds.py "$data" "$folder/seeds"

# fuzz TARGET: exits with libFuzzer's status; what it printed, and how long it had a processor, is kept for the notes.
fuzz() {
  local target=$1 log=$folder/logs/$1.log start=$SECONDS status=0 TIMEFORMAT='PROCESSOR %U'
  mkdir -p "$folder/corpus/$target" "$folder/artifacts"
  # Longest input, seconds for one, memory in MB; the cap on allocations in the targets themselves is tighter.
  { time nice -n 19 "$programs/$target" "$folder/corpus/$target" "$folder/seeds/$target" -max_total_time=$((minutes * 60)) \
    -max_len=200000 -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$folder/artifacts/$target-" \
    >"$log" 2>&1 || status=$?; } 2>"$log.time"
  cat "$log.time" >>"$log"
  echo "RAN $((SECONDS - start)) SECONDS, STATUS $status, COMMIT $commit" >>"$log"
}

say "fuzzing ${targets[*]} for $minutes minutes each"
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
  fuzz "$target" &
done
wait
"$RESITU_PYTHON" ../scripts/fuzz_notes.py "$folder/logs" "$RESITU_ROOT/docs/fuzzing.md" "${targets[@]}"
