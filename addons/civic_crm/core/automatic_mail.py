"""Telling mail written by a machine from mail written by a person.

A case opened by an out-of-office reply, and acknowledged, is answered by another one, for
ever. RFC 3834 (section 5) names the header by which a machine declares itself; the others
are what the common systems send beside or instead of it.
"""

_BULK = {"bulk", "junk", "auto_reply", "list"}
#: RFC 2369 and RFC 2919: what a mailing list puts into all that goes through it.
_LIST_HEADERS = ("List-Id", "List-Post", "List-Unsubscribe")


def is_automatic(headers):
    """Return True when no person wrote the message that carries *headers* to the city.

    :param headers: a mapping with ``get(name, default)``, names matched without case, as
        ``email.message.Message`` does
    """
    return is_by_machine(headers) or is_by_list(headers)


def is_by_machine(headers):
    """Return True when a machine wrote it.

    An empty return path is a machine's (RFC 5321, section 4.5.5). ``X-Auto-Response-Suppress`` is Microsoft's
    (MS-OXCMAIL, section 2.2.3.2.14): whoever sets it is a machine that fears another one.
    """
    submitted = headers.get("Auto-Submitted", "no").split(";")[0].strip().lower()
    suppressed = headers.get("X-Auto-Response-Suppress", "").strip().lower()
    return (
        submitted not in ("", "no")
        or headers.get("X-Autoreply") is not None
        or headers.get("X-Autorespond") is not None
        or suppressed not in ("", "none")
        or headers.get("Return-Path", "").strip() == "<>"
        or headers.get("Precedence", "").strip().lower() in _BULK - {"list"}
    )


def is_by_list(headers):
    """Return True when it came through a mailing list; a person may have written to one that the city is on."""
    return headers.get("Precedence", "").strip().lower() == "list" or any(
        headers.get(name) is not None for name in _LIST_HEADERS
    )
