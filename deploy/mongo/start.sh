#!/usr/bin/env bash
# Starts one member of the replica set rs0, in the official image or any other with mongod and bash.
set -euo pipefail
umask 077
cp /run/secrets/mongo_keyfile /tmp/keyfile # mongod refuses a key that other users may read
chmod 400 /tmp/keyfile
# slowms: slow queries are logged with their values, and no log may contain an e-mail or a name. Transaction lifetime: a
# process killed in the middle of a transaction blocks its documents until the transaction expires. Compressors: zlib leaks
# server memory in releases before 6.0.27 and 8.0.17 (CVE-2025-14847).
# TLS: members show each other their certificates and sign in with the key file; clients need no certificate, they have
# passwords. Nobody connects without TLS.
exec mongod --dbpath /data/db --bind_ip_all --port 27017 --nounixsocket --quiet --replSet rs0 --keyFile /tmp/keyfile \
  --tlsMode requireTLS --tlsCertificateKeyFile /run/secrets/inside_certificate --tlsCAFile /run/secrets/inside_ca \
  --tlsAllowConnectionsWithoutCertificates --tlsDisabledProtocols TLS1_0,TLS1_1,TLS1_2 \
  --slowms 86400000 --setParameter transactionLifetimeLimitSeconds=10 --networkMessageCompressors snappy,zstd \
  --oplogSize "${RELEVE_MONGO_OPLOG_MB:-512}" --wiredTigerCacheSizeGB "${RELEVE_MONGO_CACHE_GB:-0.25}"
