"""Who may say that a telephone rings: HMAC-SHA256 over the time and the body, so that neither can be made up.

The signature covers ``<timestamp>.<body>`` (HMAC: RFC 2104; SHA-256: FIPS 180-4), in hexadecimal. The time is in it
so that what was heard once cannot be said again later.
"""

import hashlib
import hmac

#: Seconds that a signed message is good for, before and after: clocks differ.
WINDOW = 300


def sign(secret, timestamp, body):
    """Return the signature of *body* (bytes) at *timestamp* (whole seconds since 1970, UTC, as text)."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def check_time(timestamp, now, window=WINDOW):
    """Return None while *timestamp* is good at *now* (both seconds since 1970), else ``missing`` or ``old``."""
    if not (timestamp and timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return "missing"
    return "old" if abs(now - int(timestamp)) > window else None


def check(secret, timestamp, body, signature, now, window=WINDOW):
    """Return why a message is not believed, or None when it is: ``missing``, ``old`` or ``wrong``.

    :param str secret: empty: nothing is believed
    :param str timestamp: as it came; :param bytes body: whole; :param str signature: hexadecimal, as it came
    :param now: seconds since 1970
    """
    reason = check_time(timestamp, now, window)
    if reason or not signature or not secret:
        return reason or "missing"
    expected = sign(secret, timestamp, body)
    return None if hmac.compare_digest(expected.encode(), signature.lower().encode("utf-8", "replace")) else "wrong"
