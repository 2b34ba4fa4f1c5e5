"""Asking clamd whether a file carries a virus: the INSTREAM command of its protocol (clamd(8)).

``zINSTREAM\\0``, then chunks of a four-byte length (network order) and the bytes, ended by a length of zero; the answer
is ``stream: OK``, ``stream: <name> FOUND`` or ``… ERROR``, ended by a NUL. Only the machine itself is spoken to: files
of citizens are not sent over a network in the clear.
"""

import ipaddress
import socket
import struct

CHUNK = 64 * 1024
LONGEST_ANSWER = 4096
#: Seconds for the connection and for each step of the talk.
TIMEOUT = 10


class ScannerDown(Exception):
    """Nobody can say whether the file is clean: no scanner, or one that did not answer in time or in order."""


def read_address(text):
    """Return ``(family, address)`` for ``socket`` of ``unix:/path`` or ``tcp:127.0.0.1:3310``.

    :raises ValueError: it is neither, or of another machine
    """
    kind, _colon, rest = (text or "").strip().partition(":")
    if kind == "unix" and rest.startswith("/"):
        return socket.AF_UNIX, rest
    if kind == "tcp":
        host, _colon, port = rest.rpartition(":")
        ip = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
        if ip.is_loopback and port.isdecimal() and 0 < int(port) < 65536:
            return (socket.AF_INET6 if ip.version == 6 else socket.AF_INET), (str(ip), int(port))
    raise ValueError(text)


def find_virus(text, data, timeout=TIMEOUT):
    """Return the name of the virus in *data*, empty when there is none.

    :param str text: address, as ``read_address`` reads it
    :raises ScannerDown: it could not be found out
    """
    try:
        family, address = read_address(text)
        with socket.socket(family, socket.SOCK_STREAM) as clamd:
            clamd.settimeout(timeout)
            clamd.connect(address)
            return _read_answer(_ask(clamd, data))
    except (OSError, ValueError) as error:
        raise ScannerDown(f"{type(error).__name__}: {error}") from error


def _ask(clamd, data):
    clamd.sendall(b"zINSTREAM\0")
    for start in range(0, len(data), CHUNK):
        part = data[start : start + CHUNK]
        clamd.sendall(struct.pack("!I", len(part)) + part)
    clamd.sendall(struct.pack("!I", 0))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
        part = clamd.recv(LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _read_answer(answer):
    if answer == "stream: OK":
        return ""
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerDown(answer or "no answer")
