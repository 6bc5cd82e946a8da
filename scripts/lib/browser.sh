# A Chromium for the tests in a real browser.
# shellcheck shell=bash

# Exports RESITU_CHROMIUM, which may be set beforehand to use another Chromium or Chrome.
setup_browser() {
  if [ -n "${RESITU_CHROMIUM:-}" ]; then
    have "$RESITU_CHROMIUM" || could_not "start $RESITU_CHROMIUM" "there is no such program" "set RESITU_CHROMIUM to a Chromium or Chrome, or unset it"
    return 0
  fi
  local name
  for name in chromium chromium-browser google-chrome-stable google-chrome; do
    have "$name" || continue
    RESITU_CHROMIUM=$(command -v "$name")
    export RESITU_CHROMIUM
    return 0
  done
  install_debian "the tests in a browser" chromium
  RESITU_CHROMIUM=$(command -v chromium) || could_not "find Chromium" "Debian's package put none on the path" "set RESITU_CHROMIUM"
  export RESITU_CHROMIUM
}
