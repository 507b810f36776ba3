#!/usr/bin/env bash
# Starts one member of the replica set rs0, in the official image or any other with mongod and bash.
set -euo pipefail
umask 077
cp /run/secrets/mongo_keyfile /tmp/keyfile # mongod takes no key that others than its own user may read
chmod 400 /tmp/keyfile
exec mongod --dbpath /data/db --bind_ip_all --port 27017 --nounixsocket --quiet --replSet rs0 --keyFile /tmp/keyfile \
  --oplogSize "${RELEVE_MONGO_OPLOG_MB:-512}" --wiredTigerCacheSizeGB "${RELEVE_MONGO_CACHE_GB:-0.25}"
