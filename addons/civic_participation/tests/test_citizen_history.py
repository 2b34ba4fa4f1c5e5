# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from .common import ParticipationCase


@tagged("post_install", "-at_install")
class TestCitizenHistory(ParticipationCase):
    def test_what_a_citizen_says_in_a_process_is_in_the_history_and_what_others_say_is_not(self):
        process = self.make_process((-1, 1))
        for author, text in ((self.citizen, "More trees."), (self.neighbour, "More benches.")):
            process.message_post(
                body=text, author_id=author.id, message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        process.message_post(body="Odd.", author_id=self.citizen.id, subtype_xmlid="mail.mt_note")
        for role in ("agent", "worker", "auditor"):
            with self.subTest(role=role):
                self.env.invalidate_all()
                events = self.citizen.with_user(self.users[role]).civic_event_ids
                self.assertEqual([(event.kind, event.title) for event in events], [("process", "Citizen: More trees.")])
                opened = events.action_open()
                self.assertEqual((opened["res_model"], opened["res_id"]), (process._name, process.id))
