# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .common import CityCase


@tagged("post_install", "-at_install")
class TestCreation(CityCase):
    """Many cases are made as cheaply as few, and who follows a department still hears of each."""

    def make(self, count=1, role="agent", **vals):
        prepared = {"name": "Dark", "description": "x", "category_id": self.street_light.id, **vals}
        return self.env["helpdesk.ticket"].with_user(self.users[role]).create([prepared] * count)

    def told(self, case):
        return case.sudo().message_ids.notified_partner_ids

    def last_note(self, case):
        return html2plaintext(case.message_ids[0].body)

    def test_who_follows_the_department_is_told_of_each_new_case(self):
        head = self.users["head"].partner_id
        self.lighting.message_subscribe(head.ids)
        lit = self.make(2)
        planted = self.make(category_id=self.tree.id)
        self.assertEqual([head in self.told(case) for case in lit], [True, True])
        self.assertTrue(all(head in case.sudo().message_partner_ids for case in lit))
        self.assertNotIn(head, self.told(planted))
        self.assertNotIn(head, planted.sudo().message_partner_ids)

    def test_that_a_case_was_made_is_logged_on_each_case_alike(self):
        cases = self.make(3)
        messages = cases.sudo().message_ids
        self.assertEqual(len(messages), 3)
        self.assertEqual({message.res_id for message in messages}, set(cases.ids))
        own = {"id", "res_id"}
        rows = messages.read([name for name, field in messages._fields.items() if field.store and name not in own])
        rows = [{name: value for name, value in row.items() if name not in own} for row in rows]
        self.assertEqual(rows, [rows[0]] * 3)
        self.assertEqual(messages.author_id, self.users["agent"].partner_id)
        self.assertTrue(all(message.is_internal for message in messages))

    def test_who_makes_cases_follows_them_with_what_core_would_tell(self):
        cases = self.make(2)
        agent = self.users["agent"].partner_id
        default, _internal, _external = self.env["mail.message.subtype"].default_subtypes("helpdesk.ticket")
        for case in cases:
            [follower] = case.sudo().message_follower_ids
            self.assertEqual((follower.partner_id, follower.subtype_ids), (agent, default))

    def test_the_same_note_on_many_cases_is_one_on_each(self):
        cases = self.make(3).sudo()
        cases._message_log_batch(dict.fromkeys(cases.ids, "Works begin on Monday."))
        self.assertEqual([self.last_note(case) for case in cases], ["Works begin on Monday."] * 3)
        cases._message_log_batch({case.id: f"Note {number}" for number, case in enumerate(cases)})
        self.assertEqual([self.last_note(case) for case in cases], ["Note 0", "Note 1", "Note 2"])

    def test_no_client_decides_that_followers_are_not_told(self):
        """What a client puts into the context counts for nothing."""
        head = self.users["head"].partner_id
        self.lighting.message_subscribe(head.ids)
        Case = self.env["helpdesk.ticket"].with_user(self.users["agent"]).with_context(civic_making=True)
        case = Case.create({"name": "Dark", "description": "x", "category_id": self.street_light.id})
        self.assertIn(head, self.told(case))
        self.assertEqual(case._creation_subtype(), self.env.ref("helpdesk_mgmt.hlp_tck_created"))

    def test_a_batch_takes_far_fewer_queries_than_cases(self):
        self.make()
        # two lots of a hundred; the rights and the department are read once
        with self.assert_queries_at_most(45):
            self.make(200)
