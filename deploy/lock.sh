#!/usr/bin/env bash
# Locks every part's dependencies with hashes, all against one set of versions, so that a service on its own
# and the complete system in one environment use the same code. Needs uv on the PATH (pip install uv).
set -euo pipefail
cd "$(dirname "$0")/.."
folders=$(python3 -c "from contracts.parts import PARTS; print(*(part.folder for part in PARTS), sep='\n')")
mapfile -t parts <<<"$folders"
projects=("${parts[@]/%//pyproject.toml}")
compile() { uv pip compile --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url --universal --python-version 3.11 "$@"; }
compile -o tests/requirements.txt {chassis,contracts,deploy/local,tests/load,tests}/pyproject.toml "${projects[@]}"
sed -E '/^ +--hash/d; s/ *\\$//' tests/requirements.txt > .constraints.txt
trap 'rm -f .constraints.txt' EXIT
compile -c .constraints.txt -o deploy/local/requirements.txt {chassis,contracts,deploy/local}/pyproject.toml "${projects[@]}"
compile -c .constraints.txt -o tests/load/requirements.txt {chassis,contracts,deploy/local,tests/load}/pyproject.toml "${projects[@]}"
for part in "${parts[@]}"; do
  compile -c .constraints.txt -o "$part/requirements.txt" {chassis,contracts}/pyproject.toml "$part/pyproject.toml"
done
compile -c .constraints.txt -o deploy/tools/requirements.txt {chassis,contracts,deploy/tools}/pyproject.toml
compile -o deploy/images/requirements.txt deploy/images/pyproject.toml
