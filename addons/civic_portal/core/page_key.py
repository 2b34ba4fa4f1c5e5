"""A signed, short-lived key of a form's page, where no cookie can vouch for who was given the form.

It holds when the page was made and a random part; the same page sent twice is known by the random part.
"""

import hashlib
import hmac
import secrets

#: Seconds for which a form may be filled in.
LIFETIME = 2 * 3600


class BadKey(ValueError):
    """The key was not made here for this form."""


class ExpiredKey(BadKey):
    """The key was, but too long ago."""


def make(secret, form, now, nonce=None):
    """Return a key: ``<seconds since 1970>.<nonce>.<signature>``.

    :param str secret: known to the server only
    :param str form: what the key is for; it opens no other
    :param float now: seconds since 1970
    """
    nonce = nonce or secrets.token_urlsafe(16)
    return f"{int(now)}.{nonce}.{_sign(secret, form, int(now), nonce)}"


def read(key, secret, form, now):
    """Return the random part of *key*.

    :raises ExpiredKey: it is older than ``LIFETIME``
    :raises BadKey: it is none of ours, or of another form, or from the future
    """
    try:
        made_at, nonce, signature = key.split(".")
        made_at = int(made_at)
    except (AttributeError, ValueError):
        raise BadKey from None
    if not signature.isascii() or not hmac.compare_digest(signature, _sign(secret, form, made_at, nonce)):
        raise BadKey
    if made_at > now + 60:
        raise BadKey
    if now - made_at > LIFETIME:
        raise ExpiredKey
    return nonce


def _sign(secret, form, made_at, nonce):
    return hmac.new(secret.encode(), f"page:{form}:{made_at}:{nonce}".encode(), hashlib.sha256).hexdigest()
