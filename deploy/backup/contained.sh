#!/usr/bin/env bash
# Runs `python -m deploy.backup` with the administrator's MongoDB address, which no single file contains completely.
set -euo pipefail
RELEVE_MONGO_URI="mongodb://admin:$(cat /run/secrets/mongo_admin)@mongo:27017/?replicaSet=rs0&authSource=admin"
export RELEVE_MONGO_URI
cd /app
exec python -m deploy.backup "$@"
