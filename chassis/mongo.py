"""The connection to MongoDB, with the read and write concerns that the guarantees need, and the database's clock."""

import threading
from datetime import UTC, datetime
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern

from chassis.sealing import KeysAway

WRITE_CONFLICT = 112
DRIVERS = "pymongo"
"""How the names of the driver's threads begin."""
Document = dict[str, Any]
Documents = Database[Document]


def connect(uri: str, database: str, *, app: str, timeout_ms: int = 5_000) -> Documents:
    """The database of one service, with majority reads and writes on the primary and times as aware UTC.

    It connects lazily. A call raises `pymongo.errors.ServerSelectionTimeoutError` after ``timeout_ms`` without a
    primary. ``app`` names the client in the server's log.
    """
    client: MongoClient[Document] = MongoClient(
        uri,
        appname=app,
        serverSelectionTimeoutMS=timeout_ms,
        connectTimeoutMS=timeout_ms,
        socketTimeoutMS=30_000,
        maxPoolSize=200,
        tz_aware=True,
        tzinfo=UTC,
        retryWrites=True,
    )
    return client.get_database(
        database,
        codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
        read_preference=ReadPreference.PRIMARY,
        read_concern=ReadConcern("majority"),
        write_concern=WriteConcern("majority", j=True, wtimeout=10_000),
    )


def database_now(database: Documents) -> datetime:
    """The primary's time in UTC, with milliseconds. Only this clock decides about windows, claims and leases."""
    hello = database.client.admin.command("hello", codec_options=database.codec_options)
    now: datetime = hello["localTime"]
    return now


def is_outage(error: BaseException) -> bool:
    """Whether an error comes from the state of the database or the key service, so that a retry may succeed."""
    if isinstance(error, KeysAway):
        return True
    if isinstance(error, (ConnectionFailure, AutoReconnect, WTimeoutError, ExecutionTimeout)):
        return True
    if isinstance(error, OperationFailure):
        labels = ("RetryableWriteError", "TransientTransactionError")
        return error.timeout or any(map(error.has_error_label, labels))
    return isinstance(error, PyMongoError) and (error.timeout or error.has_error_label("TransientTransactionError"))


def close_before_fork(database: Documents) -> None:
    """Closes the connection and waits for the driver's threads to end, for up to 15 seconds each.

    A thread that is resolving a name or reads a certificate when the process forks leaves its locks held in the child,
    which then waits for them for ever.
    """
    database.client.close()
    for thread in threading.enumerate():
        if thread.name.startswith(DRIVERS):
            thread.join(15)
