"""MongoDB, Apache Kafka and Envoy as processes of this machine, from parts that pip alone installs."""

from deploy.local.engines.envoy import Envoy
from deploy.local.engines.kafka import Kafka
from deploy.local.engines.mongo import Mongo
from deploy.local.process import StartError

__all__ = ["Envoy", "Kafka", "Mongo", "StartError"]
