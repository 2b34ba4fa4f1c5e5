"""Origins of other sites, as a Content-Security-Policy names them (RFC 6454, CSP 3 §2.3.1)."""

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*")


def read_origins(text):
    """Return the origins in *text*, one a line, each ``https://host[:port]``; paths are not part of an origin.

    Only a machine's own ``localhost`` may do without encryption.

    :raises ValueError: with the line that names none
    """
    origins = []
    for line in (text or "").splitlines():
        if not line.strip():
            continue
        try:
            parts = urlsplit(line.strip().lower())
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError(line.strip()) from None
        is_local = host in ("localhost", "127.0.0.1")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
            raise ValueError(line.strip())
        if not _HOST.fullmatch(host) or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(line.strip())
        origins.append(f"{parts.scheme}://{host}{f':{port}' if port else ''}")
    return list(dict.fromkeys(origins))
