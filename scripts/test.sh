#!/usr/bin/env bash
set -euo pipefail
# Every check and test, from formatting to the packed npm package in a real browser; then a summary.
. "$(dirname "$0")/lib/all.sh"
. "$(dirname "$0")/lib/steps.sh"

usage() {
  echo "usage: scripts/test.sh [--only STEP]..."
  echo
  echo "Installs whatever is missing and runs all steps, also after one has failed; fails if one did."
  echo
  local name
  for name in "${STEPS[@]}"; do printf '  %-14s %s\n' "$name" "$(describe_step "$name")"; done
  cat <<'END'

  RESITU_DATA=FOLDER             real data sets (default: ../shared/data); tests that need them are skipped without
  RESITU_WASM_STD=rustup|debian  where Rust's standard library for wasm32 comes from (default: rustup)
  RESITU_CHROMIUM=PROGRAM        the browser to test in (default: Debian's chromium)
  RESITU_CACHE=FOLDER            where tools and compiled dependencies are kept (default: ~/.cache/resitu)
END
}

only=()
while [ $# -gt 0 ]; do
  case $1 in
    --only)
      [[ " ${STEPS[*]} " == *" ${2:-} "* ]] || could_not "run the step '${2:-}'" "there is none of that name" "see scripts/test.sh --help"
      only+=("$2")
      shift
      ;;
    --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

export RESITU_DATA=${RESITU_DATA:-$(dirname "$RESITU_ROOT")/shared/data}
[ -t 1 ] || export NO_COLOR=1
LOGS=$(mktemp -d)
trap 'rm -rf "$LOGS"' EXIT
RESULTS=()

for step in "${STEPS[@]}"; do
  if [ ${#only[@]} -eq 0 ] || [[ " ${only[*]} " == *" $step "* ]]; then run_step "$step"; fi
done
print_summary
