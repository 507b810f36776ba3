#!/usr/bin/env bash
# Becomes `python -m deploy.backup` with the administrator's address of MongoDB, which stands in no file whole.
set -euo pipefail
RELEVE_MONGO_URI="mongodb://admin:$(cat /run/secrets/mongo_admin)@mongo:27017/?replicaSet=rs0&authSource=admin"
export RELEVE_MONGO_URI
cd /app
exec python -m deploy.backup "$@"
