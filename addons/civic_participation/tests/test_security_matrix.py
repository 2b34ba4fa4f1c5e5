# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from odoo.addons.civic_crm.tests import test_security_matrix as base

from . import access_table
from .common import ParticipationCase


@tagged("post_install", "-at_install")
class TestParticipationSecurityMatrix(base.EveryModelMixin, ParticipationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_process((1, 2))

    def test_every_model_has_a_row(self):
        self.assert_every_model_has_a_row(("civic_participation",), access_table.OWN)

    def test_own(self):
        self.assert_table(access_table.OWN, self.get_any_record)
