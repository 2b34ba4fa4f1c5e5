"""Telling mail written by a machine from mail written by a person.

A case opened by an out-of-office reply, and acknowledged, is answered by another one, for
ever. RFC 3834 (section 5) names the header by which a machine declares itself; the others
are what the common systems send beside or instead of it.
"""

_BULK = {"bulk", "junk", "auto_reply", "list"}


def is_automatic(headers):
    """Return True when no person wrote the message that carries *headers*.

    :param headers: a mapping with ``get(name, default)``, names matched without case, as
        ``email.message.Message`` does
    """
    submitted = headers.get("Auto-Submitted", "no").split(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or headers.get("X-Autoreply") is not None
        or headers.get("X-Autorespond") is not None
        or headers.get("Precedence", "").strip().lower() in _BULK
    )
