# SPDX-License-Identifier: AGPL-3.0-or-later
"""A network's API on loopback: answers what a test tells it, and keeps what it was asked."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StubServer:
    """``answers`` maps the end of a path to ``(status, JSON or bytes)``, or to a list of them, one after the other."""

    def __enter__(self):
        self.asked, self.answers = [], {}
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                stub.asked.append((self.command, self.path, dict(self.headers), body))
                status, answer, *headers = stub._answer_to(self.path)
                if status is None:  # break off
                    self.connection.close()
                    return
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                for header, value in headers:
                    self.send_header(header, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer_to(self, path):
        for end, answer in self.answers.items():
            if path.partition("?")[0].endswith(end):
                return answer.pop(0) if isinstance(answer, list) else answer
        return 404, {"error": "unknown"}

    def bodies(self, end=""):
        """Return the JSON of what was asked at paths with that *end*."""
        return [json.loads(body) for _verb, path, _headers, body in self.asked if path.endswith(end)]
