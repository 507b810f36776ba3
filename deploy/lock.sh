#!/usr/bin/env bash
# Locks every part's dependencies with hashes, all against one set of versions, so that a service run alone
# and the whole run in one environment use the same code. Needs uv on the PATH (pip install uv).
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { uv pip compile --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url --universal --python-version 3.11 "$@"; }
compile -o tests/requirements.txt {chassis,contracts,services/*,deploy/local,tests/load,tests}/pyproject.toml
sed -E '/^ +--hash/d; s/ *\\$//' tests/requirements.txt > .constraints.txt
trap 'rm -f .constraints.txt' EXIT
compile -c .constraints.txt -o deploy/local/requirements.txt {chassis,contracts,services/*,deploy/local}/pyproject.toml
compile -c .constraints.txt -o tests/load/requirements.txt {chassis,contracts,services/*,deploy/local,tests/load}/pyproject.toml
for service in services/*/pyproject.toml; do
  compile -c .constraints.txt -o "${service%pyproject.toml}requirements.txt" {chassis,contracts}/pyproject.toml "$service"
done
compile -c .constraints.txt -o deploy/tools/requirements.txt {chassis,contracts,deploy/tools}/pyproject.toml
compile -c .constraints.txt -o deploy/rehearse/requirements.txt {chassis,contracts,services/accounts,deploy/rehearse}/pyproject.toml
compile -o deploy/images/requirements.txt deploy/images/pyproject.toml
