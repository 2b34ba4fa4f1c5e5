# SPDX-License-Identifier: AGPL-3.0-or-later
from email.message import EmailMessage

from odoo.tests import BaseCase, tagged

from ..core.automatic_mail import is_automatic, is_by_list, is_by_machine


@tagged("post_install", "-at_install")
class TestAutomaticMail(BaseCase):
    def check(self, headers, expected):
        message = EmailMessage()
        for name, value in headers.items():
            message[name] = value
        self.assertEqual(is_automatic(message), expected, headers)

    def test_machines_are_told_from_people(self):
        self.check({}, False)
        self.check({"Subject": "Re: Out of office"}, False)
        self.check({"Auto-Submitted": "no"}, False)
        self.check({"auto-submitted": "Auto-Replied; owner"}, True)
        self.check({"Auto-Submitted": "auto-generated"}, True)
        self.check({"Precedence": "bulk"}, True)
        self.check({"Precedence": "first-class"}, False)
        self.check({"X-Autoreply": "yes"}, True)
        self.check({"X-Auto-Response-Suppress": "OOF, AutoReply"}, True)
        self.check({"X-Auto-Response-Suppress": "None"}, False)
        self.check({"Return-Path": "<>"}, True)
        self.check({"Return-Path": "<eva@home.test>"}, False)
        self.check({"List-Id": "<neighbours.home.test>"}, True)
        self.check({"List-Unsubscribe": "<mailto:off@home.test>"}, True)

    def test_a_list_is_told_from_a_machine(self):
        """A person may have written to a list that the city is on, as a group address in front of a department's."""
        message = EmailMessage()
        message["List-Id"] = "<neighbours.home.test>"
        message["Precedence"] = "list"
        self.assertTrue(is_by_list(message))
        self.assertFalse(is_by_machine(message))
