"""The container's health check: exits with 0 if /readyz answers 200 within two seconds.

Uses plain sockets, because it runs every few seconds and an HTTP library would take ten times as long to load.
"""

import os
import socket
import sys

with socket.create_connection(("127.0.0.1", int(os.environ["RELEVE_HTTP_PORT"])), 2) as asked:
    asked.settimeout(2)
    asked.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
    status = asked.recv(64).split(b" ", 2)[1:2]
sys.exit(status != [b"200"])
