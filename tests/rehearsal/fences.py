"""Runs in a container of quotes: tries forbidden actions, and prints as JSON those that were not refused."""

import json
import os
from pathlib import Path
from typing import Any

from kafka import TopicPartition
from kafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from chassis.settings import broker, environment
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
for name in ("releve_projects", "releve_accounts", "admin"):
    refused(f"reads {name}", OperationFailure, lambda n=name: client[n]["vault"].find_one())
own = client["releve_quotes"]
refused("makes users", OperationFailure, lambda: own.command("createUser", "x", pwd="x", roles=["readWrite"]))

for path in ("/app/x", "/venv/x", "/etc/x"):
    refused(f"writes {path}", OSError, lambda p=path: Path(p).touch())
if os.getuid() == 0:
    open_doors.append("is root")
print(json.dumps(open_doors))
