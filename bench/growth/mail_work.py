# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a city does with a mail to a department: take it in, and make a case of it."""

import importlib.util
import random
from pathlib import Path

#: Decided texts of each kind that were learned from.
LEARNED = 2_000
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


class JudgedMail(OurMail):
    """The same where each mail is judged, for spam and for its service, and none is surely enough of one."""

    def __init__(self, env, size):
        super().__init__(env, size)
        examples = self._load_examples()
        services = env["helpdesk.ticket.category"].search([("is_heading", "=", False), ("is_general", "=", False)]).ids
        letters = examples.letters(LEARNED, seed=1)
        kinds = sorted({kind for _text, kind in letters})
        told = {
            "service": [(text, services[kinds.index(kind) % len(services)]) for text, kind in letters],
            "spam": examples.spam_or_not(LEARNED, seed=1),
        }
        Model = env["civic.text.model"]
        type(Model)._get_examples = lambda model, purpose: (*map(list, zip(*told[purpose], strict=True)), [])
        for purpose in told:
            Model._train(purpose)
        env.company.write({"text_files_by_itself": True, "text_confidence": 1.0})
        env.cr.commit()

    def _load_examples(self):
        addon = Path(importlib.util.find_spec("odoo.addons.civic_crm").origin).parent
        spec = importlib.util.spec_from_file_location("example_texts", addon / "tests" / "example_texts.py")
        examples = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(examples)
        return examples
