# SPDX-License-Identifier: AGPL-3.0-or-later
from email.message import EmailMessage

from odoo.tests import BaseCase, tagged

from ..core.automatic_mail import is_automatic


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
