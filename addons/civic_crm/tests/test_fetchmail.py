# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models.fetchmail_server import UntilStored

MAIL = b"From: eva@home.test\r\nSubject: No light\r\n\r\nIt is dark.\r\n"


class MailBox:
    """An IMAP box with one mail, as ``imaplib`` answers."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self.marked = []
        self._unread_messages = [b"1"]

    def fetch(self, number, what):
        self.asked.append(what)
        return "OK", self.answer

    def handled_message(self, number):
        self.marked.append(number)


@tagged("post_install", "-at_install")
class TestFetchmail(TransactionCase):
    def open(self, answer=((b"1 (BODY[] {52}", MAIL), b")")):
        box = MailBox(list(answer))
        return box, UntilStored(box, self.env)

    def test_a_mail_is_read_without_marking_it(self):
        box, connection = self.open()
        self.assertEqual(list(connection.retrieve_unread_messages()), [(b"1", MAIL)])
        self.assertEqual(box.asked, ["(BODY.PEEK[])"])

    @mute_logger("odoo.addons.civic_crm.models.fetchmail_server")
    def test_it_is_marked_only_once_the_ledger_has_it(self):
        box, connection = self.open()
        with self.enter_registry_test_mode():
            for number, _source in connection.retrieve_unread_messages():
                connection.handled_message(number)
            self.assertFalse(box.marked, "taking it failed: core would never ask for it again")
            self.env["civic.adapter.mail"]._accept(MAIL)
            box._unread_messages = [b"1"]
            for number, _source in connection.retrieve_unread_messages():
                connection.handled_message(number)
        self.assertEqual(box.marked, [b"1"])

    def test_a_mail_that_somebody_else_took_away_holds_up_none(self):
        _box, connection = self.open(answer=[None])
        self.assertEqual(list(connection.retrieve_unread_messages()), [])
