"""WhatsApp's Cloud API: "Webhooks payload examples", "Messages" and "Error codes" of Meta's documentation."""

from datetime import timedelta

from . import post
from .post import Media, Post

TEXT_LIMIT = 4096
IS_IDEMPOTENT = False
#: Free text is delivered for a day after the person's last message; later only approved templates are.
WINDOW = timedelta(hours=24)
FILES = ("image", "document", "audio", "video", "sticker")
#: Kinds of message that nobody has written: calls, group notices, what the API does not support.
SKIPPED = ("system", "unsupported", "reaction", "ephemeral")


def _values(payload):
    """Return the ``value`` of each change of the field ``messages``, and the number of the city it came to."""
    if payload.get("object") != "whatsapp_business_account":
        raise post.Unreadable("no WhatsApp")
    entries = [post.need(entry, dict) for entry in post.part(payload, "entry", list)]
    changes = [post.need(change, dict) for entry in entries for change in post.part(entry, "changes", list)]
    return [post.part(change, "value") for change in changes if change.get("field") == "messages"]


def _messages(payload):
    return [
        (value, post.need(message, dict))
        for value in _values(payload)
        for message in post.part(value, "messages", list)
    ]


def names(payload):
    """Return the names of the messages in *payload*; none where it only tells what became of answers."""
    return [post.ident(message.get("id")) for _value, message in _messages(payload)]


def receipts(payload):
    """Return ``(name, status, code)`` of each answer of which *payload* tells what became.

    ``status`` is ``sent``, ``delivered``, ``read`` or ``failed``; ``code`` is the number of the error, or 0.
    """
    found = []
    for value in _values(payload):
        for status in post.part(value, "statuses", list):
            errors = [post.need(error, dict) for error in post.part(post.need(status, dict), "errors", list)]
            code = post.part(errors[0], "code", int) if errors else 0
            found.append((post.ident(status.get("id")), post.text(status, "status", 20), code))
    return found


def numbers(payload):
    """Return the city's own numbers (``phone_number_id``) that *payload* is for."""
    return {post.text(post.part(value, "metadata"), "phone_number_id", 50) for value in _values(payload)}


def read(payload, number=0):
    """Return the ``Post`` of the message *number* in *payload*.

    :raises Unreadable: when there is none, or it is not as published
    """
    messages = _messages(payload)
    if not 0 <= number < len(messages):
        raise post.Unreadable("no such message")
    value, message = messages[number]
    kind = post.text(message, "type", 30)
    account = post.ident(message.get("from"))
    point = post.part(message, "location")
    answered = post.part(message, "context")
    return Post(
        ref=post.ident(message.get("id")),
        account=account,
        name=_name(value, account),
        text=_words(message, kind, point),
        media=tuple(_media(message)),
        reply_to=post.text(answered, "id", post.ID_LIMIT),
        latitude=post.degrees(point, "latitude", 90) if point else None,
        longitude=post.degrees(point, "longitude", 180) if point else None,
        skip="group" if message.get("group_id") else "other" if kind in SKIPPED else "",
    )


def _name(value, account):
    contacts = [post.need(contact, dict) for contact in post.part(value, "contacts", list)]
    known = {str(contact.get("wa_id")): post.part(contact, "profile") for contact in contacts}
    return post.text(known.get(account, {}), "name", post.NAME_LIMIT)


def _words(message, kind, point):
    pressed = post.part(message, "interactive")
    choice = post.part(pressed, "button_reply") or post.part(pressed, "list_reply")
    words = [
        post.text(post.part(message, "text"), "body"),
        post.text(post.part(message, "button"), "text", 200),
        post.text(choice, "title", 200),
        *(post.text(post.part(message, name), "caption") for name in FILES),
        post.text(point, "name", 200),
        post.text(point, "address", 300),
        *_cards(message),
    ]
    return "\n".join(filter(None, words))


def _cards(message):
    for card in post.part(message, "contacts", list):
        name = post.text(post.part(post.need(card, dict), "name"), "formatted_name", 100)
        phones = [post.text(post.need(phone, dict), "phone", 50) for phone in post.part(card, "phones", list)]
        yield " ".join(filter(None, [name, *phones]))


def _media(message):
    for kind in FILES:
        if file := post.part(message, kind):
            name = post.text(file, "filename", 200) or f"{kind}.{_extension(file)}"
            yield Media(ref=post.ident(file.get("id")), name=name)


def _extension(file):
    subtype = post.text(file, "mime_type", 100).partition("/")[2].partition(";")[0]
    return {"jpeg": "jpg", "": "bin"}.get(subtype, "".join(filter(str.isalnum, subtype))[:10])


def answer(account, words, reply_to=""):
    """Return the JSON for ``/<number>/messages``."""
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": account,
        "type": "text",
        "text": {"preview_url": False, "body": words},
        **({"context": {"message_id": reply_to}} if reply_to else {}),
    }
