# SPDX-License-Identifier: AGPL-3.0-or-later
from odoo.tests import tagged

from odoo.addons.civic_crm.tests import test_security_matrix as base
from odoo.addons.civic_crm.tests.common import CityCase

from . import access_table


@tagged("post_install", "-at_install")
class TestPortalSecurityMatrix(base.EveryModelMixin, CityCase):
    def test_every_model_has_a_row(self):
        self.assert_every_model_has_a_row(("civic_portal",), access_table.OWN)

    def test_own(self):
        self.assert_table(access_table.OWN, self.get_any_record)
