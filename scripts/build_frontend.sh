#!/usr/bin/env bash
# Build the JupyterLab extension and the widgets; does nothing when their sources are unchanged.
# Needs Node >= 20 and jupyter-builder (from .venv, or wherever $VENV points).
set -euo pipefail
cd "$(dirname "$0")/.."
VENV="${VENV:-$PWD/.venv}"
export PATH="$VENV/bin:$PATH"

# One build at a time: `make` in two terminals would pull each other's files away.
exec 9>js/.build-lock
! command -v flock >/dev/null || flock 9

# A checkout is installed editable; JupyterLab reads the extension from the environment, where a copy lies
# (a link would do for JupyterLab, but Voila answers 403 for linked extensions).
place() {
  local home="$VENV/share/jupyter/labextensions/veml-lab"
  [ -d "$VENV/share/jupyter" ] || return 0
  if ! diff -rq veml_lab/labextension "$home" --exclude install.json >/dev/null 2>&1; then
    mkdir -p "$(dirname "$home")"
    rm -rf "$home.new"
    cp -r veml_lab/labextension "$home.new"
    cp js/install.json "$home.new/install.json"
    rm -rf "$home"
    mv "$home.new" "$home"
    echo "front end: copied into $VENV"
  fi
}

stamp=js/lib/.sources
sources=$(cat js/package.json js/package-lock.json js/tsconfig.json js/schema/*.json js/style/* \
  $(find js/src -type f | LC_ALL=C sort) | sha256sum | cut -d' ' -f1)
if [ "${1:-}" != --force ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sources" ] &&
  [ -f veml_lab/static/lineage.js ] && [ -f veml_lab/labextension/package.json ]; then
  echo "front end: unchanged"
  place
  exit 0
fi
command -v node >/dev/null || { echo "front end: Node 20 or newer is needed (node was not found)" >&2; exit 2; }

lock=$(sha256sum js/package-lock.json | cut -d' ' -f1)
if [ ! -f js/node_modules/.lock ] || [ "$(cat js/node_modules/.lock)" != "$lock" ]; then
  echo "front end: installing JavaScript packages"
  (cd js && npm ci --no-progress --loglevel=error)
  echo "$lock" >js/node_modules/.lock
fi
echo "front end: building"
(cd js && npm run --silent build:prod)
echo "$sources" >"$stamp"
echo "front end: built"
place
