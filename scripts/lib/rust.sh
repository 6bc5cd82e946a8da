# Rust: the native toolchain, and the standard library for wasm32 from one of two sources.
# shellcheck shell=bash

# The packages' common release name, and the name under which rustup knows them.
DEBIAN_RUST_TOOLCHAIN=debian196
WASM_TARGET=wasm32-unknown-unknown

setup_rust() {
  have cargo || could_not "build anything" "there is no cargo" "install Rust from https://rustup.rs, then run this again"
  local version wanted
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$RESITU_ROOT/Cargo.toml")
  version=$(cd "$RESITU_ROOT" && rustc --version | cut -d ' ' -f 2)
  at_least "$wanted" "$version" ||
    could_not "build with Rust $version" "resitu needs $wanted" "run 'rustup update stable' (or install a newer Rust)"
}

# Exports RESITU_CARGO_WASM (the cargo that builds for wasm32, a command with arguments) and the linker it needs.
setup_wasm_std() {
  setup_rust
  if wasm_std_works; then
    use_wasm_toolchain ""
  elif have rustup && rustup toolchain list | grep "^$DEBIAN_RUST_TOOLCHAIN\b" >/dev/null && wasm_std_works "+$DEBIAN_RUST_TOOLCHAIN"; then
    use_wasm_toolchain "+$DEBIAN_RUST_TOOLCHAIN"
  else
    case ${RESITU_WASM_STD:-rustup} in
      rustup) wasm_std_from_rustup ;;
      debian) wasm_std_from_debian ;;
      *) could_not "choose wasm32's standard library" "RESITU_WASM_STD is '$RESITU_WASM_STD'" "set it to 'rustup' or 'debian'" ;;
    esac
  fi
}

# wasm_std_works [+TOOLCHAIN]: compiles a line of Rust, so a library left over from another compiler counts as missing.
wasm_std_works() {
  local scratch result=0
  scratch=$(mktemp -d)
  echo 'pub fn ones() -> Vec<u8> { vec![1] }' >"$scratch/lib.rs"
  (cd "$scratch" && rustc ${1:+"$1"} --target "$WASM_TARGET" --crate-type lib --emit metadata lib.rs) >/dev/null 2>&1 || result=1
  rm -rf "$scratch"
  return "$result"
}

use_wasm_toolchain() {
  export RESITU_CARGO_WASM="cargo${1:+ $1}"
  [ -z "$1" ] || use_wasm_linker
}

# Debian's rustc has no rust-lld; its linker for wasm is a package of its own, with the LLVM version in its name.
use_wasm_linker() {
  local linker
  linker=$(find /usr/bin -name 'wasm-ld-*' -printf "%f\n" | sort -V | tail -n 1)
  [ -n "$linker" ] || could_not "link wasm" "no wasm-ld-* was found in /usr/bin" "install Debian's package lld-22"
  # By name, as a person would write it: cargo compiles everything again when this text changes.
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker
}

# Clippy for that toolchain: rustup's comes with it, Debian's is a package of its own.
setup_wasm_clippy() {
  setup_wasm_std
  [ "$RESITU_CARGO_WASM" = cargo ] || install_debian "linting for wasm32" rust-web-clippy
}

# Written from rustup's documentation and not tested by the project's own machines, which use the branch below.
wasm_std_from_rustup() {
  have rustup || could_not "add $WASM_TARGET" "this Rust was not installed by rustup" "set RESITU_WASM_STD=debian on Debian, or add the target by your system's means"
  say "adding Rust's standard library for $WASM_TARGET (rustup)"
  rustup target add "$WASM_TARGET" ||
    could_not "add $WASM_TARGET" "rustup failed (its message is above)" "check the network, or on Debian set RESITU_WASM_STD=debian"
  wasm_std_works || could_not "use $WASM_TARGET" "it is installed but a line of Rust does not compile for it" "run 'rustup target remove $WASM_TARGET', then this again"
  use_wasm_toolchain ""
}

# Debian ships a recent rustc for its browsers (-web) with the library's source but without wasm32: link it and build the library once.
wasm_std_from_debian() {
  have rustup || could_not "link Debian's Rust as a toolchain" "there is no rustup" "install Rust from https://rustup.rs, then run this again"
  install_debian "building for wasm32" rustc-web cargo-web rust-web-src lld-22
  rustup toolchain link "$DEBIAN_RUST_TOOLCHAIN" /usr
  if ! wasm_std_works "+$DEBIAN_RUST_TOOLCHAIN"; then
    local folder library
    folder=$(mktemp -d)
    say "building Rust's standard library for $WASM_TARGET from Debian's source (a minute or two)"
    build_wasm_std "$folder"
    library=$(rustc "+$DEBIAN_RUST_TOOLCHAIN" --print target-libdir --target "$WASM_TARGET")
    install_wasm_std "$folder/target/$WASM_TARGET/release/deps" "$library"
    rm -rf "$folder"
  fi
  wasm_std_works "+$DEBIAN_RUST_TOOLCHAIN" ||
    could_not "use Debian's Rust for $WASM_TARGET" "its library was built but a line of Rust does not compile with it" "see 'rustc +$DEBIAN_RUST_TOOLCHAIN --version' and docs/development.md"
  use_wasm_toolchain "+$DEBIAN_RUST_TOOLCHAIN"
}

# build_wasm_std FOLDER: -Zbuild-std in an empty crate. `test` is among them so that wasm tests can be built too.
build_wasm_std() {
  use_wasm_linker
  mkdir -p "$1/src"
  : >"$1/src/lib.rs"
  printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n' >"$1/Cargo.toml"
  (cd "$1" && env -u RUSTFLAGS RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$1/target" \
    cargo "+$DEBIAN_RUST_TOOLCHAIN" build --quiet --release -Zbuild-std=std,panic_abort,test --target "$WASM_TARGET") ||
    could_not "build the standard library for $WASM_TARGET" "cargo failed (its message is above)" "see docs/development.md; free memory and disk are the usual reasons"
}

# install_wasm_std FROM TO: puts the libraries where a plain cargo finds them, in the place of those of an earlier compiler.
install_wasm_std() {
  as_root mkdir -p "$2"
  as_root find "$2" -name 'lib*.rlib' -delete
  as_root cp "$1"/lib*.rlib "$2/"
  # The empty crate itself is not part of the library.
  as_root find "$2" -name 'libempty-*.rlib' -delete
}
