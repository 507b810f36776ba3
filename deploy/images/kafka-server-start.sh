#!/usr/bin/env bash
# Stands in for the official image's script of this name: execs the broker.
# shellcheck disable=SC2086  # KAFKA_HEAP_OPTS holds several words
exec /opt/kafka/java/bin/java ${KAFKA_HEAP_OPTS:--Xmx256m} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
  --sun-misc-unsafe-memory-access=allow -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
  -Dorg.slf4j.simpleLogger.showDateTime=true -cp "/opt/kafka/libs/*" kafka.Kafka "$@"
