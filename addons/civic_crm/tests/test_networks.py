# SPDX-License-Identifier: AGPL-3.0-or-later
import json
import unittest

from ..core.networks import contract, mastodon, post, telegram, whatsapp
from . import network_payloads as sent

ALL = (telegram, whatsapp, mastodon, contract)


class TestNetworks(unittest.TestCase):
    def test_telegrams_messages(self):
        read = telegram.read(sent.telegram())
        self.assertEqual((read.account, read.name, read.text), ("5550001", "Eva", "It is dark in Oak Street."))
        self.assertEqual((read.ref, read.chat, read.lang, read.skip), ("101", "5550001", "es", ""))
        self.assertEqual(telegram.names(sent.telegram(update=7)), ["u7"])

    def test_what_telegram_sends_with_a_message(self):
        for name, more, expected in (
            ("photo", sent.TELEGRAM_PHOTO, {"text": "This one"}),
            ("place", {"location": {"latitude": 40.5, "longitude": -3.25}}, {"latitude": 40.5, "longitude": -3.25}),
            ("contact", {"contact": {"first_name": "Ana", "phone_number": "600"}}, {"text": "Ana 600"}),
            ("reply", {"reply_to_message": {"message_id": 88}, "text": "Yes"}, {"text": "Yes", "reply_to": "88"}),
            ("group", {"chat": {"id": -1, "type": "supergroup"}}, {"skip": "group"}),
            ("bot", {"from": {"id": 1, "is_bot": True}, "text": "x"}, {"skip": "automatic", "text": "x"}),
        ):
            with self.subTest(name):
                read = telegram.read(sent.telegram(**{"text": "", **more}))
                self.assertEqual({key: getattr(read, key) for key in expected}, expected)
        photo = telegram.read(sent.telegram(text="", **sent.TELEGRAM_PHOTO)).media
        self.assertEqual([media.ref for media in photo], ["large"])
        self.assertTrue(telegram.read(sent.telegram(kind="edited_message")).is_edited)
        self.assertEqual(telegram.read({"update_id": 1, "callback_query": {}}).skip, "other")

    def test_whatsapps_messages(self):
        payload = sent.whatsapp(
            sent.whatsapp_text(),
            sent.whatsapp_text(
                name="wamid.2",
                type="image",
                text=None,
                image={"id": "77", "mime_type": "image/jpeg", "caption": "Here"},
            ),
            sent.whatsapp_text(
                name="wamid.3",
                type="location",
                text=None,
                location={"latitude": 40.5, "longitude": -3.25, "name": "Park"},
            ),
            sent.whatsapp_text(name="wamid.4", type="reaction", text=None),
            sent.whatsapp_text(name="wamid.5", context={"from": "34955555123", "id": "wamid.ours"}),
        )
        self.assertEqual(whatsapp.names(payload), [f"wamid.{number}" for number in range(1, 6)])
        first, photo, place, reaction, reply = (whatsapp.read(payload, number) for number in range(5))
        self.assertEqual((first.account, first.name, first.text), ("34600111222", "Eva", "It is dark."))
        self.assertEqual((photo.text, photo.media[0].ref, photo.media[0].name), ("Here", "77", "image.jpg"))
        self.assertEqual((place.text, place.latitude), ("Park", 40.5))
        self.assertEqual(reaction.skip, "other")
        self.assertEqual(reply.reply_to, "wamid.ours")
        with self.assertRaises(post.Unreadable):
            whatsapp.read(payload, 5)

    def test_whatsapps_receipts_are_no_messages(self):
        payload = sent.whatsapp(
            statuses=[sent.whatsapp_status("wamid.a", "read"), sent.whatsapp_status("wamid.b", "failed", 131047)]
        )
        self.assertEqual(whatsapp.names(payload), [])
        self.assertEqual(whatsapp.receipts(payload), [("wamid.a", "read", 0), ("wamid.b", "failed", 131047)])
        self.assertEqual(whatsapp.numbers(payload), {"106540352242922"})

    def test_mastodons_mentions(self):
        read = mastodon.read(sent.mastodon())
        self.assertEqual((read.account, read.text), ("eva@other.example", "It is dark.\nOak Street & Elm"))
        self.assertEqual(mastodon.read({**sent.mastodon(), "type": "follow"}).skip, "other")
        self.assertEqual(
            mastodon.answer("eva@x", "Thanks", "9")["visibility"], "direct", "whatever was asked in public"
        )

    def test_our_contract(self):
        file = {"name": "a.txt", "content": "aGk="}
        read = contract.read(sent.contract(files=[file], service="light", location={"latitude": 1, "longitude": 2}))
        self.assertEqual((read.account, read.media[0].content, read.service, read.latitude), ("eva", b"hi", "light", 1))

    def test_whatever_comes_is_read_or_refused_and_nothing_else(self):
        for network in ALL:
            for name, body in sent.HOSTILE.items():
                with self.subTest(f"{network.__name__} {name}"):
                    try:
                        payload = post.load(body)
                        network.names(payload)
                        read = network.read(payload)
                    except post.Unreadable:
                        continue
                    self.assertIsInstance(read, post.Post)
                    json.dumps(read.text).encode()
                    self.assertNotIn("\x00", read.text)

    def test_what_is_cut_off_is_said(self):
        self.assertEqual(post.shorten("abc", 10), "abc")
        short = post.shorten("a" * 100, 40, "https://city.test/x")
        self.assertEqual(len(short), 40)
        self.assertTrue(short.endswith("…\nhttps://city.test/x"))
