# TypeScript → www/dist (what npm publishes) and www/dist-site (the demo page).
# shellcheck shell=bash

build_www() {
  setup_node www
  say "building the npm package and the page"
  (cd "$RESITU_ROOT/www" && npm run --silent build) ||
    could_not "build www" "npm run build failed (its message is above)" "mend the code, or run it by hand in www"
}
