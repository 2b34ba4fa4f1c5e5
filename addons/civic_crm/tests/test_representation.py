# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from ..core.representation import EXPIRED, FUTURE, IN_FORCE, REVOKED, Mandate, covers, state_on

DAY = date(2026, 3, 10)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def mandate(scope="all", target=None, date_from=BEFORE, date_to=AFTER, revoked_on=None):
    return Mandate(scope, target, date_from, date_to, revoked_on)


@tagged("post_install", "-at_install")
class TestRepresentation(BaseCase):
    def test_the_state_on_a_day(self):
        for given, expected in (
            (mandate(), IN_FORCE),
            (mandate(date_from=DAY), IN_FORCE),
            (mandate(date_to=DAY), IN_FORCE),
            (mandate(date_from=DAY, date_to=DAY), IN_FORCE),
            (mandate(date_to=None), IN_FORCE),
            (mandate(date_from=AFTER), FUTURE),
            (mandate(date_from=AFTER, date_to=None), FUTURE),
            (mandate(date_to=BEFORE), EXPIRED),
            (mandate(revoked_on=BEFORE), REVOKED),
            (mandate(revoked_on=DAY), REVOKED),
            (mandate(revoked_on=AFTER), IN_FORCE),
            (mandate(date_to=BEFORE, revoked_on=BEFORE), REVOKED),
            (mandate(date_from=AFTER, revoked_on=DAY), REVOKED),
        ):
            with self.subTest(given=given):
                self.assertEqual(state_on(given, DAY), expected)

    def test_what_a_mandate_covers(self):
        for given, case, services, expected in (
            (mandate(), 7, {1, 2}, True),
            (mandate(), None, set(), True),
            (mandate("service", 2), 7, {1, 2}, True),
            (mandate("service", 1), 7, {1, 2}, True),  # a service above it
            (mandate("service", 3), 7, {1, 2}, False),
            (mandate("service", 2), 7, set(), False),
            (mandate("case", 7), 7, {1}, True),
            (mandate("case", 7), 8, {1}, False),
            (mandate("case", 7), None, {7}, False),
            (mandate("case", None), None, set(), False),
            (mandate("service", 7), 7, {1}, False),
            (mandate("anything else"), 7, {1}, False),
        ):
            with self.subTest(given=given, case=case, services=services):
                self.assertEqual(covers(given, DAY, case, services), expected)

    def test_what_is_not_in_force_covers_nothing(self):
        for given in (
            mandate(date_from=AFTER),
            mandate(date_to=BEFORE),
            mandate(revoked_on=DAY),
            mandate("case", 7, date_to=BEFORE),
            mandate("service", 1, date_from=AFTER),
        ):
            with self.subTest(given=given):
                self.assertFalse(covers(given, DAY, 7, {1}))
