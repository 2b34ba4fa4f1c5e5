# SPDX-License-Identifier: AGPL-3.0-or-later
import json
import unittest
from datetime import datetime, timedelta

from ..core import phone_event


class TestPhoneEvent(unittest.TestCase):
    def test_a_call_that_rings(self):
        event = phone_event.read(b'{"call": 7, "event": "ringing", "number": " +34600111222 ", "extension": 204}')
        self.assertEqual(event, phone_event.Event("7", "ringing", "in", "+34600111222", "204"))

    def test_a_withheld_number_is_empty(self):
        self.assertEqual(phone_event.read(b'{"call": "7", "event": "ringing", "number": null}').number, "")

    def test_what_tells_of_no_call_is_refused(self):
        for told in (
            b"",
            b"\xff",
            b"[]",
            b"[" * 5000,
            b'"ringing"',
            b"{}",
            {"call": "1"},
            {"call": "1", "event": "dialling"},
            {"call": "", "event": "ringing"},
            {"call": True, "event": "ringing"},
            {"call": {"id": 1}, "event": "ringing"},
            {"call": "1", "event": "ringing", "direction": "sideways"},
            {"call": "1" * 200, "event": "ringing"},
            {"call": "1", "event": "ringing", "number": "6\u0000"},
        ):
            with self.subTest(told=told), self.assertRaises(phone_event.BadEvent):
                phone_event.read(told if isinstance(told, bytes) else json.dumps(told).encode())

    def test_each_event_is_news_once_and_in_order(self):
        for known, event, is_news in (
            ("", "ringing", True),
            ("", "ended", True),
            ("ringing", "ringing", False),
            ("ringing", "answered", True),
            ("ringing", "ended", True),
            ("answered", "ringing", False),
            ("ended", "answered", False),
            ("ended", "ended", False),
        ):
            with self.subTest(known=known, event=event):
                self.assertEqual(phone_event.is_news(event, known), is_news)

    def test_only_speaking_counts(self):
        moment = datetime(2026, 3, 10, 9, 0)
        self.assertEqual(phone_event.seconds_of(moment, moment + timedelta(seconds=61.4)), 61)
        self.assertEqual(phone_event.seconds_of(None, moment), 0)
        self.assertEqual(phone_event.seconds_of(moment, None), 0)
        self.assertEqual(phone_event.seconds_of(moment, moment - timedelta(seconds=1)), 0)
