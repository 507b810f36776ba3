#!/usr/bin/env bash
# Starts one member of the replica set rs0, in the official image or any other with mongod and bash.
set -euo pipefail
umask 077
cp /run/secrets/mongo_keyfile /tmp/keyfile # mongod takes no key that others than its own user may read
chmod 400 /tmp/keyfile
# a slow query is logged with its values, and no log is to hold an e-mail or a name; a process that is killed in the
# middle of a transaction keeps its documents until the transaction's life is over; zlib hands out memory of the server
# in releases before 6.0.27 and 8.0.17 (CVE-2025-14847)
exec mongod --dbpath /data/db --bind_ip_all --port 27017 --nounixsocket --quiet --replSet rs0 --keyFile /tmp/keyfile \
  --slowms 86400000 --setParameter transactionLifetimeLimitSeconds=10 --networkMessageCompressors snappy,zstd \
  --oplogSize "${RELEVE_MONGO_OPLOG_MB:-512}" --wiredTigerCacheSizeGB "${RELEVE_MONGO_CACHE_GB:-0.25}"
