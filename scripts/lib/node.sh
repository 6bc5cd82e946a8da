# Node and the npm packages of www and pkg-tests, installed exactly as their lock files say.
# shellcheck shell=bash

NODE_WANTED=20.19.0

require_node() {
  { have node && have npm; } || could_not "use npm packages" "there is no Node" "install Node $NODE_WANTED or later, with npm"
  local version
  version=$(node --version)
  at_least "$NODE_WANTED" "${version#v}" || could_not "use Node ${version#v}" "Vite needs $NODE_WANTED or later" "install a newer Node"
}

# setup_node FOLDER...: `npm ci` where the lock file has changed since the last time.
setup_node() {
  require_node
  local folder key stamp
  for folder in "$@"; do
    key=$(digest_of "$folder/package.json" "$folder/package-lock.json")
    stamp=$RESITU_ROOT/$folder/node_modules/.resitu-stamp
    if fresh "$stamp" "$key"; then continue; fi
    say "installing npm packages in $folder"
    (cd "$RESITU_ROOT/$folder" && npm ci --no-audit --no-fund --loglevel=error) ||
      could_not "install npm packages in $folder" "npm ci failed (its message is above)" "check that the npm registry can be reached, then run this again"
    printf '%s' "$key" >"$stamp"
  done
}
