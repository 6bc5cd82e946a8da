#!/usr/bin/env bash
# Stands between cargo and rustc (RUSTC_WRAPPER): adds libFuzzer's instrumentation and Rust's own checks to the crates that
# read files, and to no other. The rest, the tensor library above all, is ten times as much code and reads nothing.
# All of it are flags of the stable compiler: no nightly is needed.
set -euo pipefail

rustc=$1
shift

name=
for ((i = 1; i <= $#; i++)); do
  if [ "${!i}" = --crate-name ]; then
    next=$((i + 1))
    name=${!next}
  fi
done

case $name in
  resitu | resitu_fuzz | hdf5_pure | snap | lz4_flex | ruzstd)
    exec "$rustc" "$@" --cfg fuzzing -Cdebug-assertions -Coverflow-checks \
      -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
      -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
    ;;
  *) exec "$rustc" "$@" ;;
esac
