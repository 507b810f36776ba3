"""MongoDB, Apache Kafka and Envoy as local processes, installed only with pip."""

from deploy.local.engines.envoy import Envoy
from deploy.local.engines.kafka import Kafka, KafkaCluster, Node
from deploy.local.engines.mongo import Member, Mongo, MongoCluster
from deploy.local.process import StartError

__all__ = ["Envoy", "Kafka", "KafkaCluster", "Member", "Mongo", "MongoCluster", "Node", "StartError"]
