"""What a mail's headers prove of its sender, and what a bounce says.

A sender's address is written by the sender. The city's own border server may have checked it: what it found stands in
``Authentication-Results`` (RFC 8601), which counts only under the name of that server.
"""

import re

_COMMENT = re.compile(r"\([^()]*\)")
_DMARC = re.compile(r"(?:^|;)\s*dmarc\s*=\s*(\w+)", re.IGNORECASE)


def dmarc_verdict(headers, authserv_id):
    """Return what the city's border server says of the sender: ``pass``, ``fail``, ``none``, …; empty if nothing.

    :param headers: an ``email.message.Message``
    :param str authserv_id: the name of that server, as it writes it; empty: none is believed
    """
    if not authserv_id:
        return ""
    for value in headers.get_all("Authentication-Results") or ():
        name, _semicolon, results = _COMMENT.sub("", str(value)).partition(";")
        words = name.split()
        if words and words[0].lower() == authserv_id.strip().lower():
            found = _DMARC.search(f";{results}")
            return found[1].lower() if found else ""
    return ""


def bounce_reason(mail):
    """Return why a mail came back, as its report says it (RFC 3464): ``5.1.1 550 User unknown``; or an empty text.

    :param mail: an ``email.message.Message``
    """
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            for fields in part.get_payload() if part.is_multipart() else ():
                status = str(fields.get("Status") or "").strip()
                why = " ".join(str(fields.get("Diagnostic-Code") or "").rpartition(";")[2].split())
                if status or why:
                    return f"{status} {why}".strip()[:200]
    return ""
