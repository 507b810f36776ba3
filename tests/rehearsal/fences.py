"""Runs in a container of quotes: tries forbidden actions, and prints as JSON those that were not refused."""

import json
import os
import socket
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chassis.places import TRAIL, names_of, rows_of
from chassis.settings import broker, environment, tls
from contracts.topics import dead_letters_of, topic_of

settings = environment(os.environ)
kafka = broker(settings)
open_doors = []


def refused(what, errors, action):
    """Records the action if it was not refused."""
    try:
        action()
    except errors:
        return
    open_doors.append(what)


producer = kafka.producer()
for topic in (topic_of("projects"), dead_letters_of("notify")):
    refused(f"writes to {topic}", TopicAuthorizationFailedError, lambda t=topic: producer.send(t, b"x").get(timeout=30))
producer.close(timeout=2)

reader = kafka.consumer(group_id=None)
for kept in ("accounts", "programmes"):
    if topic_of(kept, "mails") in kafka.consumer(group_id=None).topics():
        open_doors.append(f"sees the mails of {kept}")
hidden = TopicPartition(topic_of("notify"), 0)
if hidden.topic in reader.topics():
    open_doors.append("sees the topic of notify")
reader.assign([hidden])
refused("asks for the end of the topic of notify", TopicAuthorizationFailedError, lambda: reader.end_offsets([hidden]))
reader.close(autocommit=False, timeout_ms=1000)

member = kafka.consumer(group_id="projects")
theirs = TopicPartition(topic_of("projects"), 0)
refused("asks for the offsets of projects", GroupAuthorizationFailedError, lambda: member.committed(theirs))
member.close(autocommit=False, timeout_ms=1000)

client: MongoClient[dict[str, Any]] = MongoClient(settings["RELEVE_MONGO_URI"])
for name in (*names_of("releve_projects"), *names_of("releve_accounts"), "admin"):
    refused(f"reads {name}", OperationFailure, lambda n=name: client[n]["clients"].find_one())
own = client["releve_quotes"]
trail = rows_of(own, TRAIL)
refused("deletes audit rows", OperationFailure, lambda: trail.delete_many({}))
refused("changes audit rows", OperationFailure, lambda: trail.update_many({}, {"$set": {"who": "x"}}))
refused("makes users", OperationFailure, lambda: own.command("createUser", "x", pwd="x", roles=["readWrite"]))

# a name that the engine does not know takes ten seconds, so by name only one
for host, port in (("accounts-http", 8000), *((f"10.214.{net}.{n}", 8000) for net in (2, 10, 40) for n in (2, 3, 4))):
    refused(f"connects to {host}:{port}", OSError, lambda h=host, p=port: socket.create_connection((h, p), 0.5).close())

plain = settings["RELEVE_MONGO_URI"].partition("&tls=")[0]
bare: MongoClient[dict[str, Any]] = MongoClient(plain, serverSelectionTimeoutMS=2_000)
refused("reaches MongoDB without TLS", PyMongoError, lambda: bare.admin.command("ping"))
refused(
    "reaches Kafka without TLS", KafkaError,
    lambda: KafkaAdminClient(**replace(kafka, ca="").options() | {"bootstrap_timeout_ms": 2_000}),
)  # fmt: skip
untrusted = urllib.request.Request("https://accounts-worker:8000/.well-known/jwks.json")
refused("trusts accounts without the authority", OSError, lambda: urllib.request.urlopen(untrusted, timeout=2))
trusted = tls(settings).client()
assert trusted is not None
urllib.request.urlopen(untrusted, timeout=2, context=trusted).close()  # the keys are what it needs of accounts
gateway = socket.create_connection(("gateway", 8443), 2)
refused("takes another's certificate", OSError,
        lambda: trusted.wrap_socket(gateway, server_hostname="accounts-worker"))  # fmt: skip

for path in ("/app/x", "/venv/x", "/etc/x"):
    refused(f"writes {path}", OSError, lambda p=path: Path(p).touch())
if os.getuid() == 0:
    open_doors.append("is root")
print(json.dumps(open_doors))
