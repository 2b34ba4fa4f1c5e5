# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a city does with a mail to a department: take it in, and make a case of it."""

import random

MAIL = """\
From: Citizen {citizen} <citizen{citizen}@home.example>
To: lighting@city.example
Subject: Street light {number}
Message-Id: <{number}.{mark}@home.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

The street light in front of number {number} has been dark since Sunday evening.
It flickered for a week before. The crossing there is used by children on their way to school.
"""


class MailWork:
    """``size`` is how many people the city knows; every mail is of one of them."""

    def __init__(self, env, size):
        self.env, self.size = env, size
        self.random = random.Random(size)
        self.number = 0

    def _write(self):
        self.number += 1
        citizen = self.random.randrange(self.size)
        return MAIL.format(citizen=citizen, number=self.number, mark=self.random.getrandbits(60)).encode()


class StockMail(MailWork):
    def take_in(self):
        """Plain Odoo knows only the whole way: the ticket is made while the mail server waits."""
        return bool(self.env["mail.thread"].message_process(False, self._write()))


class OurMail(MailWork):
    def __init__(self, env, size):
        super().__init__(env, size)
        # what is done is taken back; the peer commits nothing either
        type(env["civic.intake"])._commit = lambda intake: None

    def take_in(self):
        entry, is_new = self.env["civic.adapter.mail"]._accept(self._write())
        return bool(entry) and is_new

    def file(self):
        """Take one in and make the case of it."""
        entry, _is_new = self.env["civic.adapter.mail"]._accept(self._write())
        entry._process()
        return entry.result
