# Loads every part of the library below, for the scripts that people run.
# shellcheck shell=bash
# shellcheck disable=SC1090,SC1091

_parts=$(dirname "${BASH_SOURCE[0]}")
for _part in common rust node wasm-tools browser python build-wasm build-www; do
  . "$_parts/$_part.sh"
done
