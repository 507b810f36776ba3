#!/usr/bin/env bash
# Stands in for the official image's tool of this name: formats a broker's folder.
exec /opt/kafka/java/bin/java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC \
  -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "/opt/kafka/libs/*" kafka.tools.StorageTool "$@"
