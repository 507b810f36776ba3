"""The container's health check: exits with 0 if /readyz answers 200 within two seconds.

Uses plain sockets, because it runs every few seconds and an HTTP library would take ten times as long to load. With
RELEVE_INSIDE_CERTIFICATE the process serves TLS, and its certificate must be valid.
"""

import os
import socket
import sys

with socket.create_connection(("127.0.0.1", int(os.environ["RELEVE_HTTP_PORT"])), 2) as asked:
    asked.settimeout(2)
    if os.environ.get("RELEVE_INSIDE_CERTIFICATE"):
        import ssl

        trusted = ssl.create_default_context(cafile=os.environ["RELEVE_INSIDE_CA"])
        asked = trusted.wrap_socket(asked, server_hostname="localhost")
    asked.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
    status = asked.recv(64).split(b" ", 2)[1:2]
sys.exit(status != [b"200"])
