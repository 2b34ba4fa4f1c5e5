"""Whether a message by HTTP comes from whom it says: signatures, age and tokens, without Odoo.

Ours follows Standard Webhooks (https://www.standardwebhooks.com, "Symmetric signatures"): HMAC-SHA256 over
``id.timestamp.body``, in base64 behind ``v1,``; libraries for it exist in many languages. Every ``check_…`` returns
why a message is refused, or None; comparing takes the same time whatever differs.
"""

import base64
import binascii
import hashlib
import hmac
from contextlib import suppress

#: Seconds that a signed message may be old, or ahead of our clock; Standard Webhooks leaves it open, others take five
#: minutes.
REPLAY_WINDOW = 300
#: Standard Webhooks: secrets are written so.
KEY_PREFIX = "whsec_"

MISSING, WRONG, OLD = "missing", "wrong", "old"


def sign(secret, timestamp, body, message_id=""):
    """Return the signature of *body* such as ``v1,K5oZ…=``.

    :param secret: str; ``whsec_`` and base64, or any other text as it stands
    :param timestamp: seconds since 1970, as int or str
    :param bytes body: as it is sent
    :param str message_id: what the sender calls the message; it is signed too
    """
    head = f"{message_id}.{timestamp}." if message_id else f"{timestamp}."
    signed = hmac.new(_key(secret), head.encode("utf-8", "replace") + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def check(secret, timestamp, body, signature, now, message_id="", window=REPLAY_WINDOW):
    """Return why a signed message is refused (``MISSING``, ``OLD`` or ``WRONG``), or None.

    :param str signature: one or several (while a secret is changed), with spaces between
    :param now: seconds since 1970
    :param int window: seconds that the message may be old, or ahead of *now*
    """
    reason = check_time(timestamp, now, window)
    if reason or not (secret and signature):
        return reason or MISSING
    expected = sign(secret, timestamp, body, message_id)
    matches = [_same(expected, given) for given in signature.split()[:5]]
    return None if any(matches) else WRONG


def check_time(timestamp, now, window=REPLAY_WINDOW):
    """Return why a message of that *timestamp* is refused, or None; for what is known before the body is read."""
    text = str(timestamp or "")
    if not text:
        return MISSING
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        return WRONG
    return OLD if abs(int(text) - now) > window else None


def check_hub(secret, body, signature):
    """Check the header ``X-Hub-Signature-256`` of Meta's webhooks, such as ``sha256=9f86…``.

    Source: "Webhooks: Getting Started", section "Validating payloads", of the Graph API's documentation. It carries no
    time: a message that is sent again is known by its id.
    """
    if not (secret and signature):
        return MISSING
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return None if _same(expected, signature) else WRONG


def check_token(secret, token):
    """Check a shared secret sent along, as Telegram does in ``X-Telegram-Bot-Api-Secret-Token``.

    Source: Bot API, ``setWebhook``, parameter ``secret_token``.
    """
    if not (secret and token):
        return MISSING
    return None if _same(secret, token) else WRONG


def answer_challenge(secret, parameters):
    """Return what to answer to the question by which Meta's servers make sure of a webhook, or None: refuse.

    :param parameters: mapping of the query: ``hub.mode``, ``hub.verify_token``, ``hub.challenge``
    """
    challenge = str(parameters.get("hub.challenge") or "")
    is_asked = parameters.get("hub.mode") == "subscribe" and 0 < len(challenge) <= 200 and challenge.isalnum()
    if not is_asked or check_token(secret, str(parameters.get("hub.verify_token") or "")):
        return None
    return challenge


def _key(secret):
    if secret.startswith(KEY_PREFIX):
        with suppress(binascii.Error):
            return base64.b64decode(secret[len(KEY_PREFIX) :], validate=True)
    return secret.encode()


def _same(expected, given):
    return hmac.compare_digest(expected.encode("utf-8", "replace"), str(given).encode("utf-8", "replace"))
