"""Asking other servers, without being led astray: named hosts only, no redirects, bounded in bytes and seconds.

Whatever an address in a message says, only hosts that the administrator or the network's own adapter names are asked
(OWASP, "Server Side Request Forgery Prevention", case 1). Secrets may stand in addresses (Telegram's do), so no error
repeats one.
"""

import ipaddress
import time
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NewConnectionError

#: Seconds to connect and between two pieces, and for all of it.
PAUSE, WHOLE = 10, 30
#: Bytes of an answer that says how it went.
ANSWER_LIMIT = 1 << 20
_PIECE = 64 * 1024


class Refused(Exception):
    """It will not work, however often it is tried; ``code`` is the status or a short word."""

    def __init__(self, code, words=""):
        super().__init__(f"{code} {words}".strip())
        self.code = code


class TryAgain(Exception):
    """It did not work now, and nothing has been done; ``seconds`` to wait where the other side says so."""

    def __init__(self, code, seconds=0):
        super().__init__(str(code))
        self.seconds = seconds


class Unclear(Exception):
    """The connection broke after the question was sent: it may have been done."""


def check_address(url, hosts):
    """Return *url* when it may be asked.

    :param hosts: allowed names of hosts, with the port where it is not the usual one; ``http`` is for loopback only
    :raises Refused: with code ``address``
    """
    try:
        parts = urlsplit(url)
        name, host = parts.hostname or "", parts.netloc.lower()
    except ValueError:
        raise Refused("address") from None
    if host not in {allowed.lower() for allowed in hosts} or "@" in host:
        raise Refused("address", "not an allowed host")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is(name, "is_loopback")):
        raise Refused("address", "not encrypted")
    if _is(name, "is_link_local"):
        raise Refused("address", "link-local")
    return url


def host_of(url):
    """Return host and port of an address that the administrator has typed, as ``check_address`` compares them."""
    return urlsplit(url or "").netloc.lower()


def ask(method, url, hosts, *, limit=ANSWER_LIMIT, **options):
    """Ask once and return the body of a good answer, as bytes.

    :param hosts: see ``check_address``
    :param int limit: bytes that are read at most; more is ``Refused("size")``
    :param options: ``headers``, ``json``, ``data`` or ``params`` of ``requests``
    :raises Refused: for addresses that may not be asked, 3xx, 4xx and answers that are too long
    :raises TryAgain: for 408, 425, 429 and 5xx, and when there is no connection
    :raises Unclear: when it broke half way
    """
    check_address(url, hosts)
    with requests.Session() as session:
        session.trust_env = False  # no proxy of the machine's, no password file
        try:
            with session.request(method, url, timeout=PAUSE, allow_redirects=False, stream=True, **options) as answer:
                body = _read(answer, limit)
        except (requests.ConnectTimeout, requests.exceptions.SSLError):
            raise TryAgain("no connection") from None
        except requests.ConnectionError as error:
            if isinstance(getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError):
                raise TryAgain("no connection") from None
            raise Unclear("broken off") from None
        except requests.RequestException as error:
            raise Unclear(type(error).__name__) from None
    return _judge(answer, body)


def _read(answer, limit):
    if int(answer.headers.get("Content-Length") or 0) > limit:
        raise Refused("size")
    body, end = bytearray(), time.monotonic() + WHOLE
    for piece in answer.iter_content(_PIECE):
        body += piece
        if len(body) > limit:
            raise Refused("size")
        if time.monotonic() > end:
            raise Unclear("too slow")
    return bytes(body)


def _judge(answer, body):
    status = answer.status_code
    if 200 <= status < 300:
        return body
    words = body[:500].decode("utf-8", "replace")
    if status in (408, 425, 429) or status >= 500:
        wait = answer.headers.get("Retry-After", "")
        raise TryAgain(status, min(int(wait), 86400) if wait.isdigit() else 0)
    raise Refused(status, words)


def _is(name, what):
    try:
        return getattr(ipaddress.ip_address(name), what)
    except ValueError:
        return what == "is_loopback" and name == "localhost"
