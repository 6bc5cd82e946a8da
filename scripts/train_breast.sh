#!/usr/bin/env bash
set -euo pipefail
# Trains the default translator from the public data sets: pretraining, adversarial fine-tuning with and without critics,
# evaluation on the held-out quadrant, quantisation. Writes models/breast.resitu, models/breast.scores.json and
# models/breast.card.md. About half an hour on two idle cores; the seed is in models/breast.toml.
#
#   scripts/train_breast.sh [--device cpu|cuda] [--work FOLDER]
#
# The data folder is $RESITU_DATA, else ../shared/data; --work keeps the checkpoints (default: $RESITU_CACHE/train).
# CUDA needs a build with `--features cuda`; it is untested: no machine with a card was at hand.

device=cpu
work=${RESITU_CACHE:-$HOME/.cache/resitu}/train
while [ $# -gt 0 ]; do
  case "$1" in
    --device) device=$2; shift 2 ;;
    --work) work=$2; shift 2 ;;
    -h | --help) sed -n '3,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "unknown argument: $1 (see --help)" >&2; exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
features=cli
[ "$device" = cuda ] && features=cli,cuda
cargo build --release --no-default-features --features "$features"
resitu=${CARGO_TARGET_DIR:-target}/release/resitu
machine="$(nproc) cores, $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1), device $device, $("$resitu" --version), $(date -u +%F)"
with=(--config models/breast.toml --device "$device")
mkdir -p "$work"
started=$(date +%s)

step() { echo "==> $*"; "$@"; }
step "$resitu" pretrain "${with[@]}" -o "$work/base"
step "$resitu" finetune "${with[@]}" --base "$work/base" -o "$work/tuned"
step "$resitu" finetune "${with[@]}" --base "$work/base" --without-critics -o "$work/without_critics"
step "$resitu" evaluate "${with[@]}" "$work/tuned" --without-critics "$work/without_critics" -o models/breast.scores.json
step "$resitu" quantize "${with[@]}" "$work/tuned" --scores models/breast.scores.json \
  --machine "$machine" -o models/breast.resitu
unzip -p models/breast.resitu MODEL_CARD.md >models/breast.card.md
echo "==> done in $((($(date +%s) - started) / 60)) minutes: models/breast.resitu ($(stat -c %s models/breast.resitu) bytes)"
