# Python, for the tests that read resitu's files back with the tools its users have.
# shellcheck shell=bash

# Exports RESITU_PYTHON: an environment of its own with the pinned versions of scripts/reference/requirements.txt.
setup_python() {
  local requirements=scripts/reference/requirements.txt folder=$RESITU_CACHE/py key
  RESITU_PYTHON=$folder/bin/python
  export RESITU_PYTHON
  have python3 || could_not "read files back with scanpy" "there is no python3" "install Python 3.11 or later"
  key=$(digest_of "$requirements")
  if [ -x "$RESITU_PYTHON" ] && fresh "$folder/.resitu-stamp" "$key"; then return 0; fi
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    could_not "use $(python3 --version)" "anndata needs Python 3.11 or later" "install a newer Python"
  say "installing Python packages (anndata, scanpy, squidpy) into $folder"
  [ -x "$RESITU_PYTHON" ] || python3 -m venv "$folder" ||
    could_not "make a Python environment" "python3 -m venv failed (its message is above)" "install Debian's package python3-venv"
  "$RESITU_PYTHON" -m pip install --quiet --disable-pip-version-check -r "$RESITU_ROOT/$requirements" ||
    could_not "install Python packages" "pip failed (its message is above)" "check that PyPI can be reached, then run this again"
  printf '%s' "$key" >"$folder/.resitu-stamp"
}
