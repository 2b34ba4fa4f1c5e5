# SPDX-License-Identifier: AGPL-3.0-or-later
"""A clamd of tests, on loopback or a socket of the file system: speaks INSTREAM as the real one does."""

import contextlib
import socketserver
import struct
import threading

#: What it takes for a virus, as clamd takes the EICAR test file.
VIRUS = b"X5O!P%@AP-CIVIC-TEST"


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        server = self.server
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        data = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
        server.scanned.append(data)
        if server.silent:
            server.released.wait(5)
        elif server.answer:
            self.wfile.write(server.answer)
        elif VIRUS in data:
            self.wfile.write(b"stream: Civic.Test.Virus FOUND\0")
        else:
            self.wfile.write(b"stream: OK\0")


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@contextlib.contextmanager
def clamd(path=None, answer=b"", silent=False):
    """Run one; yields it, with ``address`` as settings have it and ``scanned``, the files that it saw."""
    server = _Unix(path, _Talk) if path else _Tcp(("127.0.0.1", 0), _Talk)
    server.answer, server.silent, server.scanned, server.released = answer, silent, [], threading.Event()
    server.address = f"unix:{path}" if path else f"tcp:127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
