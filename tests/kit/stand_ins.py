"""Dummy programs that replace a system's processes where a test is about the system itself."""

SERVICE = """
import http.server, json, os, signal, sys, pathlib
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ready = self.path != "/readyz" or not pathlib.Path("not-ready").exists()
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())
    do_POST = do_GET
    def log_message(self, *args): pass
signal.signal(signal.SIGTERM, lambda *args: os._exit(0))
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["RELEVE_HTTP_PORT"])), Handler).serve_forever()
"""
