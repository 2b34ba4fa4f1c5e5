"""Telegram's Bot API (https://core.telegram.org/bots/api): ``Update``, ``Message`` and ``sendMessage``."""

from . import post
from .post import Media, Post

TEXT_LIMIT = 4096
#: An answer may come twice when it is not known whether the first one arrived.
IS_IDEMPOTENT = False
#: Objects with a ``file_id`` that a message may carry; ``photo`` is a list of sizes.
FILES = ("document", "voice", "audio", "video", "video_note")


def names(update):
    """Return the names of the messages in *update*: one, the number of the update."""
    return [f"u{post.ident(update.get('update_id'))}"]


def read(update, _number=0):
    """Return the ``Post`` of one update.

    :raises Unreadable: when it is no update
    """
    post.ident(update.get("update_id"))
    kind = next((name for name in ("message", "edited_message") if name in update), None)
    if not kind:
        return Post(skip="other")  # buttons, channels, members: nothing a citizen has written
    message = post.need(update[kind], dict)
    chat = post.need(message.get("chat"), dict)
    if chat.get("type") != "private":
        return Post(skip="group")
    sender = post.need(message.get("from"), dict)
    point = post.part(message, "location")
    return Post(
        ref=post.ident(message.get("message_id")),
        account=post.ident(sender.get("id")),
        chat=post.ident(chat.get("id")),
        name=_name(sender),
        text=_words(message),
        media=tuple(_media(message)),
        reply_to=_reply_to(message),
        lang=post.text(sender, "language_code", 20),
        latitude=post.degrees(point, "latitude", 90) if point else None,
        longitude=post.degrees(point, "longitude", 180) if point else None,
        is_edited=kind == "edited_message",
        skip="automatic" if sender.get("is_bot") is True else "",
    )


def _name(sender):
    names = (post.text(sender, "first_name", post.NAME_LIMIT), post.text(sender, "last_name", post.NAME_LIMIT))
    return " ".join(filter(None, names)) or post.text(sender, "username", post.NAME_LIMIT)


def _words(message):
    contact = post.part(message, "contact")
    venue = post.part(message, "venue")
    words = [
        post.text(message, "text") or post.text(message, "caption"),
        " ".join(filter(None, (post.text(contact, "first_name", 100), post.text(contact, "phone_number", 50)))),
        " ".join(filter(None, (post.text(venue, "title", 200), post.text(venue, "address", 300)))),
    ]
    return "\n".join(filter(None, words))


def _reply_to(message):
    answered = post.part(message, "reply_to_message")
    return post.ident(answered.get("message_id")) if answered else ""


def _media(message):
    sizes = [post.need(size, dict) for size in post.part(message, "photo", list)]
    if sizes:
        largest = max(sizes, key=_size)
        yield Media(ref=post.ident(largest.get("file_id")), name="photo.jpg", size=_size(largest))
    for kind in FILES:
        if file := post.part(message, kind):
            name = post.text(file, "file_name", 200) or kind
            yield Media(ref=post.ident(file.get("file_id")), name=name, size=_size(file))


def _size(file):
    return max(post.part(file, "file_size", int), 0)


def answer(chat, words, reply_to=""):
    """Return ``(method, JSON)`` that sends *words* to *chat*."""
    values = {"chat_id": chat, "text": words, "link_preview_options": {"is_disabled": True}}
    if reply_to.isdigit():
        values["reply_parameters"] = {"message_id": int(reply_to), "allow_sending_without_reply": True}
    return "sendMessage", values
