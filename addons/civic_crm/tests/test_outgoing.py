# SPDX-License-Identifier: AGPL-3.0-or-later
import socket
import unittest

from odoo.tests import BaseCase

from ..core import outgoing
from ..core.outgoing import Refused, TryAgain, Unclear
from .stub_server import StubServer


class TestAddresses(unittest.TestCase):
    def test_only_named_hosts_are_asked_and_only_encrypted(self):
        hosts = ["api.example", "127.0.0.1:8080", "169.254.169.254", "10.0.0.1"]
        for url, allowed in (
            ("https://api.example/x", True),
            ("https://API.example/x", True),
            ("http://127.0.0.1:8080/x", True),
            ("http://127.0.0.1:8081/x", False),
            ("http://api.example/x", False),
            ("http://10.0.0.1/x", False),
            ("https://169.254.169.254/latest/meta-data", False),
            ("https://evil.example/x", False),
            ("https://api.example@evil.example/x", False),
            ("https://api.example:444/x", False),
            ("https://user@api.example/x", False),
            ("file:///etc/passwd", False),
            ("gopher://api.example/x", False),
            ("https://[::1", False),
            ("", False),
        ):
            with self.subTest(url):
                if allowed:
                    self.assertEqual(outgoing.check_address(url, hosts), url)
                else:
                    with self.assertRaises(Refused):
                        outgoing.check_address(url, hosts)


class TestAsking(BaseCase):
    def setUp(self):
        super().setUp()
        self.stub = self.enterContext(StubServer())

    def ask(self, path="/x", **options):
        return outgoing.ask("GET", self.stub.url + path, [self.stub.host], **options)

    def test_how_it_went_is_told_apart(self):
        for answer, expected in (
            ((500, b""), TryAgain),
            ((429, b""), TryAgain),
            ((403, b"blocked"), Refused),
            ((302, b"", ("Location", "http://127.0.0.1:1/")), Refused),
            ((None, b""), Unclear),
        ):
            with self.subTest(answer[0]):
                self.stub.answers["/x"] = answer
                with self.assertRaises(expected):
                    self.ask()
        self.stub.answers["/x"] = (200, b"good")
        self.assertEqual(self.ask(), b"good")
        self.assertEqual(len(self.stub.asked), 6, "no redirect was followed")

    def test_the_other_side_says_how_long_to_wait(self):
        self.stub.answers["/x"] = (429, b"", ("Retry-After", "90"))
        with self.assertRaises(TryAgain) as caught:
            self.ask()
        self.assertEqual(caught.exception.seconds, 90)

    def test_no_more_is_read_than_allowed(self):
        self.stub.answers["/x"] = (200, b"x" * 2000)
        with self.assertRaises(Refused) as caught:
            self.ask(limit=1000)
        self.assertEqual(caught.exception.code, "size")

    def test_nobody_there_means_later(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{closed.getsockname()[1]}"
            with self.assertRaises(TryAgain):
                outgoing.ask("GET", f"http://{host}/", [host])

    def test_errors_do_not_repeat_addresses(self):
        for answer in ((403, b"no"), (500, b""), (None, b"")):
            self.stub.answers["/x"] = answer
            with self.assertRaises((Refused, TryAgain, Unclear)) as caught:
                self.ask("/botSECRET/x")
            self.assertNotIn("SECRET", str(caught.exception))
