# SPDX-License-Identifier: AGPL-3.0-or-later
"""A city with a participation officer, and processes by their phases' days."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user

from odoo.addons.civic_crm.tests.common import CityCase


class ParticipationCase(CityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users["officer"] = new_test_user(
            cls.env,
            "t_officer",
            groups="civic_participation.group_participation_officer",
            name="Officer",
        )

    @classmethod
    def make_process(cls, *days, published=True, **vals):
        """Return a process with a phase for each pair of *days* from now (start, end).

        The phases are named A, B, C … in the order given.
        """
        now = fields.Datetime.now()
        process = cls.env["civic.process"].create(
            {
                "name": "Squares for people",
                "phase_ids": [
                    Command.create(
                        {
                            "name": "ABCDEFGH"[i],
                            "date_start": now + timedelta(days=start),
                            "date_end": now + timedelta(days=end),
                        }
                    )
                    for i, (start, end) in enumerate(days)
                ],
                **vals,
            }
        )
        process.is_published = published
        return process
