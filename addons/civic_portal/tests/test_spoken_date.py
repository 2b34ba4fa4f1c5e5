# SPDX-License-Identifier: AGPL-3.0-or-later
from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from ..core.spoken_date import spoken_date, spoken_moment

TODAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestSpokenDate(BaseCase):
    def test_dates_as_people_say_them(self):
        for day, locale, expected in (
            (date(2026, 3, 12), "es_ES", "12 de marzo"),
            (date(2026, 3, 12), "en_US", "March 12"),
            (date(2026, 3, 12), "en_GB", "12 March"),
            (date(2025, 12, 31), "es_ES", "31 de diciembre de 2025"),
        ):
            with self.subTest(day=day, locale=locale):
                self.assertEqual(spoken_date(day, locale, TODAY), expected)

    def test_moments_have_the_time_of_day(self):
        moment = datetime(2026, 3, 1, 9, 5)
        self.assertEqual(spoken_moment(moment, "es_ES", TODAY), "1 de marzo, 9:05")
