# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages in the networks' published formats, written for these tests.

Telegram: Bot API, objects ``Update`` and ``Message``. WhatsApp: Cloud API, "Webhooks payload examples". Mastodon: API,
entity ``Notification``.
"""

EVA, BOB = 5550001, 5550002


def telegram(text="It is dark in Oak Street.", update=1, account=EVA, name="Eva", kind="message", **more):
    """Return an update with one message of a private chat."""
    message = {
        "message_id": 100 + update,
        "from": {"id": account, "is_bot": False, "first_name": name, "language_code": "es"},
        "chat": {"id": account, "first_name": name, "type": "private"},
        "date": 1764028800,
        **({"text": text} if text else {}),
        **more,
    }
    return {"update_id": update, kind: message}


TELEGRAM_PHOTO = {
    "caption": "This one",
    "photo": [
        {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 67, "file_size": 1253},
        {"file_id": "large", "file_unique_id": "l", "width": 1280, "height": 960, "file_size": 160000},
    ],
}


def whatsapp(*messages, statuses=(), number="106540352242922"):
    """Return a change of the field ``messages``."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "34955555123", "phone_number_id": number},
        **({"contacts": [{"profile": {"name": "Eva"}, "wa_id": "34600111222"}]} if messages else {}),
        **({"messages": list(messages)} if messages else {}),
        **({"statuses": list(statuses)} if statuses else {}),
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}],
    }


def whatsapp_text(body="It is dark.", name="wamid.1", account="34600111222", **more):
    return {"from": account, "id": name, "timestamp": "1764028800", "type": "text", "text": {"body": body}, **more}


def whatsapp_status(name, status, code=None):
    errors = {"errors": [{"code": code, "title": "Message undeliverable"}]} if code else {}
    return {"id": name, "status": status, "timestamp": "1764028900", "recipient_id": "34600111222", **errors}


def mastodon(
    number=34975861, content="<p><span>@<span>city</span></span> It is dark.<br />Oak Street &amp; Elm</p>", **more
):
    """Return a notification of a mention."""
    return {
        "id": str(number),
        "type": "mention",
        "created_at": "2026-11-25T01:00:00.000Z",
        "account": {"id": "9", "acct": "Eva@other.example", "display_name": "Eva"},
        "status": {
            "id": f"10{number}",
            "in_reply_to_id": None,
            "language": "es",
            "spoiler_text": "",
            "visibility": "public",
            "content": content,
            "account": {"id": "9", "acct": "Eva@other.example", "display_name": "Eva", "bot": False},
            "media_attachments": [],
            **more,
        },
    }


def contract(text="It is dark.", account="eva", **more):
    """Return a message of our own contract (docs/webhooks.md)."""
    return {"from": {"account": account, "name": "Eva"}, "text": text, **more}


#: Bodies that no adapter may stumble over, whatever they are signed with.
HOSTILE = {
    "empty": b"",
    "no JSON": b"\x00\xff{",
    "deep": b'{"message":' * 20_000 + b"1" + b"}" * 20_000,
    "deep list": b"[" * 100_000,
    "list": b"[]",
    "null": b"null",
    "huge number": b'{"update_id": ' + b"9" * 10_000 + b"}",
    "not a number": b'{"update_id": NaN, "message": {}}',
    "wrong types": b'{"update_id": [], "object": {}, "entry": "x", "from": 1, "text": {}}',
    "true for one": b'{"update_id": true, "from": {"account": true}, "object": true}',
    "half a pair": b'{"update_id": 7, "message": {"message_id": 1, "from": {"id": 1, "first_name": "\\ud800"},'
    b' "chat": {"id": 1, "type": "private"}, "text": "\\udfff\\u0000"}}',
    "null chat": b'{"update_id": 8, "message": {"message_id": 1, "from": null, "chat": null}}',
    "entries of text": b'{"object": "whatsapp_business_account", "entry": ["x", 1, null]}',
    "messages of numbers": b'{"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages",'
    b' "value": {"messages": [1]}}]}]}',
    "bad base64": b'{"from": {"account": "x"}, "text": "x", "files": [{"name": "x", "content": "***"}]}',
    "no place": b'{"from": {"account": "x"}, "text": "x", "location": {"latitude": 1e999, "longitude": 0}}',
}
