#!/usr/bin/env bash
# Make .venv with everything, build the front end, install VeML-Lab editable. Run again: seconds.
#   PYTHON=...     another Python (3.11 or newer)
#   WITH_BROWSER=1 also see to a Chromium for the browser tests
set -euo pipefail
cd "$(dirname "$0")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

# Debian's packages, where they are missing and this user may install them
debian() {
  command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || {
    echo "please install: $* (Debian: apt-get install $*)" >&2
    return 1
  }
  say "installing Debian packages: $*"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

find_python() {
  for p in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
    if "$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then echo "$p"; return; fi
  done
  echo "Python 3.11, 3.12 or 3.13 is needed (set PYTHON=/path/to/python)" >&2
  exit 2
}

command -v node >/dev/null || debian nodejs npm || exit 2
if [ ! -x .venv/bin/python ]; then
  say "making .venv"
  "$(find_python)" -m venv .venv
fi
pip() { .venv/bin/python -m pip "$@"; }

stamp=.venv/.veml-setup
wanted=$(cat pyproject.toml constraints.txt scripts/setup.sh scripts/torchvision_cpu/*.py | sha256sum | cut -d' ' -f1)
if [ "$(cat $stamp 2>/dev/null)" != "$wanted" ]; then
  # torch first: asked for by another package it would come as the newest build with gigabytes of CUDA
  say "installing torch"
  pip install -q -c constraints.txt torch
  pip install -q -c constraints.txt torchvision
  if .venv/bin/python -c 'import torch, sys; sys.exit(torch.version.cuda is not None)'; then
    # the registry's torchvision is built for CUDA; beside a CPU-only torch it needs a small loader
    command -v c++ >/dev/null && command -v nm >/dev/null || debian g++ binutils
    pip install -q -c constraints.txt nvidia-cuda-runtime
    .venv/bin/python scripts/torchvision_cpu/build.py
  fi
  say "installing the other packages"
  pip install -q -c constraints.txt hatchling hatch-jupyter-builder jupyter-builder editables
  scripts/build_frontend.sh
  # the front end is built already; the build hook would do it again
  HATCH_JUPYTER_BUILDER_SKIP_NPM=1 pip install -q -c constraints.txt --no-build-isolation -e '.[test,check,mmdet]'
  echo "$wanted" >$stamp
fi
scripts/build_frontend.sh

if [ "${WITH_BROWSER:-}" = 1 ] && ! command -v chromium >/dev/null; then
  debian chromium fonts-dejavu-core || echo "no Chromium: the browser tests will be skipped" >&2
fi
