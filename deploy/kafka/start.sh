#!/usr/bin/env bash
# Starts one broker, which is also a controller, in the official image or one with the same two scripts
# (deploy/images). It reads RELEVE_KAFKA_NODE, RELEVE_KAFKA_VOTERS, RELEVE_KAFKA_REPLICATION and secrets, among them this
# broker's certificate with its key (inside_certificate) and the authority of all certificates (inside_ca).
set -euo pipefail
umask 077
secret() { cat "/run/secrets/kafka_$1"; }
host=kafka-$RELEVE_KAFKA_NODE copies=$RELEVE_KAFKA_REPLICATION
in_sync=$((copies > 1 ? copies - 1 : 1))
data=/var/lib/kafka/data/log config=/tmp/server.properties
scram=org.apache.kafka.common.security.scram.ScramLoginModule
plain=org.apache.kafka.common.security.plain.PlainLoginModule

# Clients and brokers sign in with SCRAM. Controllers cannot: SCRAM's users are stored in the log that they must agree on.
# All of it runs over TLS: a client of either kind checks the certificate and the host's name.
cat >$config <<END
process.roles=broker,controller
node.id=$RELEVE_KAFKA_NODE
controller.quorum.voters=$RELEVE_KAFKA_VOTERS
listeners=CLIENTS://:9092,CONTROLLER://:9093,BROKERS://:9094
advertised.listeners=CLIENTS://$host:9092,BROKERS://$host:9094
listener.security.protocol.map=CLIENTS:SASL_SSL,BROKERS:SASL_SSL,CONTROLLER:SASL_SSL
ssl.keystore.type=PEM
ssl.keystore.location=/run/secrets/inside_certificate
ssl.truststore.type=PEM
ssl.truststore.location=/run/secrets/inside_ca
ssl.endpoint.identification.algorithm=https
ssl.protocol=TLSv1.3
ssl.enabled.protocols=TLSv1.3
inter.broker.listener.name=BROKERS
controller.listener.names=CONTROLLER
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=$scram required;
listener.name.brokers.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.brokers.scram-sha-512.sasl.jaas.config=$scram required username="broker" password="$(secret broker)";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=$plain required username="controller" password="$(secret controller)" user_controller="$(secret controller)";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin;User:broker;User:controller
allow.everyone.if.no.acl.found=false
auto.create.topics.enable=false
default.replication.factor=$copies
min.insync.replicas=$in_sync
offsets.topic.num.partitions=12
offsets.topic.replication.factor=$copies
transaction.state.log.num.partitions=3
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.num.partitions=3
share.coordinator.state.topic.replication.factor=$copies
share.coordinator.state.topic.min.isr=$in_sync
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
log.dirs=$data
END

export KAFKA_LOG4J_OPTS=-Dlog4j2.configurationFile=/opt/releve/log4j2.yaml LOG_DIR=/tmp/logs EXTRA_ARGS="-name kafkaServer"
if [ ! -e $data/meta.properties ]; then # discard the output: the tool prints the SCRAM credentials
  /opt/kafka/bin/kafka-storage.sh format --ignore-formatted --cluster-id "$(secret cluster)" --config $config \
    --add-scram "SCRAM-SHA-512=[name=admin,password=$(secret admin)]" \
    --add-scram "SCRAM-SHA-512=[name=broker,password=$(secret broker)]" >/dev/null
fi
exec /opt/kafka/bin/kafka-server-start.sh $config
